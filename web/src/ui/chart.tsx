// A line over time with its band of least and greatest, drawn by uPlot.
import { type ReactNode, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type ChartData, ChartTable } from './chart-table.tsx';
import { useShownTheme } from './theme.tsx';

export interface ChartProps {
  readonly data: ChartData;
  readonly label: string;
  readonly height?: number;
  readonly format: (value: number) => string;
  /** A window of time to shade. */
  readonly shade?: { readonly fromMs: number; readonly toMs: number };
  /** Time shown, where it should be more than the data's. */
  readonly range?: { readonly fromMs: number; readonly toMs?: number };
  /** Whole numbers that hold until the next one: drawn as steps, with whole numbers at the axis. */
  readonly whole?: boolean;
  /** Index under the pointer; undefined when it left. */
  readonly onPoint?: (index: number | undefined) => void;
}

export function Chart({
  data,
  label,
  height = 96,
  format,
  shade,
  range,
  whole = false,
  onPoint,
}: ChartProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ data, onPoint, format, range });
  latest.current = { data, onPoint, format, range };
  const theme = useShownTheme();
  const shadeFrom = shade?.fromMs;
  const shadeTo = shade?.toMs;

  // The theme is no input of the drawing, but the colours it resolves to are.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const element = host.current as HTMLDivElement;
    const options = describe(element, height, latest, { fromMs: shadeFrom, toMs: shadeTo, whole });
    const drawn = new uPlot(options, toColumns(latest.current.data), element);
    plot.current = drawn;
    const resize = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      drawn.destroy();
    };
  }, [theme, height, shadeFrom, shadeTo, whole]);

  useEffect(() => {
    plot.current?.setData(toColumns(data));
  }, [data]);

  return (
    <>
      <div ref={host} className="plot" role="img" aria-label={label} style={{ height }} />
      <ChartTable data={data} label={label} format={format} />
    </>
  );
}

function toColumns({ timeMs, mean, low, high, expected }: ChartData): uPlot.AlignedData {
  return [timeMs.map((ms) => ms / 1000), [...mean], [...high], [...low], [...(expected ?? timeMs.map(() => null))]];
}

interface Latest {
  readonly current: { readonly [Name in 'onPoint' | 'format' | 'range']: ChartProps[Name] | undefined };
}

function describe(
  element: HTMLElement,
  height: number,
  latest: Latest,
  {
    fromMs,
    toMs,
    whole,
  }: { readonly fromMs: number | undefined; readonly toMs: number | undefined; readonly whole: boolean },
): uPlot.Options {
  const colour = (name: string): string => resolveColour(element, name);
  const line = colour('--accent');
  const faint = colour('--border');
  const text = colour('--text-3');
  const shaded = colour('--warn-soft');
  const axis = {
    stroke: text,
    font: `11px ${getComputedStyle(element).fontFamily}`,
    ticks: { show: false },
    grid: { stroke: faint, width: 1 },
  };
  const tall = height >= 140;
  const paths = whole ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  // A line needs two points: one alone is drawn as a dot.
  const drawn = { points: { show: isSingle, size: 6 }, ...(paths && { paths }) };
  return {
    width: element.clientWidth,
    height,
    padding: [6, tall ? 32 : 2, tall ? 4 : 0, tall ? 4 : 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7, fill: line }, drag: { x: false, y: false } },
    scales: {
      x: { range: (u, from, to) => timeRange(latest.current.range, from, isSingle(u) ? from : to) },
      y: { range: (_, low, high) => valueRange(low, high) },
    },
    series: [
      {},
      { ...drawn, stroke: line, width: 1.75, fill: `color-mix(in srgb, ${line} 10%, transparent)` },
      { stroke: 'transparent', points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
      { ...drawn, stroke: text, width: 1.25, dash: [4, 4] },
    ],
    bands: [{ series: [2, 3], fill: `color-mix(in srgb, ${line} 16%, transparent)` }],
    axes: [
      { ...axis, show: tall, size: 26, space: 90, grid: { show: false }, values: clockLabels },
      {
        ...axis,
        show: tall,
        size: 64,
        space: 34,
        ...(whole && { incrs: WHOLE_STEPS }),
        values: (_, ticks) => labelsOf(ticks, latest.current.format),
      },
    ],
    hooks: {
      setCursor: [(u) => latest.current.onPoint?.(u.cursor.idx ?? undefined)],
      drawClear: [(u) => shadeWindow(u, fromMs, toMs, shaded)],
    },
  };
}

/** 1, 2, 5, 10, … */
const WHOLE_STEPS = Array.from({ length: 14 }, (_, i) => [1, 2, 5].map((one) => one * 10 ** i)).flat();

/** A custom property as a colour that a canvas understands. */
function resolveColour(element: HTMLElement, name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** One reading only, for which the plot would otherwise show a whole day. */
function isSingle(u: uPlot): boolean {
  return u.data[0].length === 1;
}

function timeRange(range: ChartProps['range'], from: number, to: number): [number, number] {
  if (range) return [range.fromMs / 1000, (range.toMs ?? Date.now()) / 1000];
  return from === to ? [from - 30, to + 30] : [from, to];
}

function valueRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const room = (high - low) * 0.12 || Math.abs(high) * 0.1 || 1;
  // What cannot be negative is not drawn as if it could; a line at zero still needs room to be seen.
  return [low >= 0 ? Math.max(-room / 4, low - room) : low - room, high + room];
}

/** Ticks that read the same to the reader are told once. */
function labelsOf(ticks: readonly number[], format: ((value: number) => string) | undefined): string[] {
  const words = ticks.map((tick) => format?.(tick) ?? '');
  return words.map((word, i) => (word === words[i - 1] ? '' : word));
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

function clockLabels(_: uPlot, ticks: number[]): string[] {
  const step = (ticks[1] ?? 0) - (ticks[0] ?? 0);
  const format = step >= 86_400 ? date : step >= 60 ? minute : clock;
  return ticks.map((tick) => format.format(tick * 1000));
}

function shadeWindow(u: uPlot, fromMs: number | undefined, toMs: number | undefined, colour: string): void {
  if (fromMs === undefined || toMs === undefined) return;
  const left = Math.max(u.bbox.left, u.valToPos(fromMs / 1000, 'x', true));
  const right = Math.min(u.bbox.left + u.bbox.width, u.valToPos(toMs / 1000, 'x', true));
  u.ctx.fillStyle = colour;
  u.ctx.fillRect(left, u.bbox.top, Math.max(0, right - left), u.bbox.height);
}
