// How an import goes, on stderr: one line that is rewritten on a terminal, a line now and then elsewhere.
import { countOf } from '@trine/protocol';
import { clearProgress, showProgress } from '../output.ts';
import type { Sender } from './sender.ts';
import type { SourceFile } from './source.ts';

const TERMINAL_MS = 250;
const LINES_MS = 5_000;

export class Progress {
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;
  #file: SourceFile | undefined;
  #rows: { readonly rows: number } | undefined;
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
    this.#timer = setInterval(() => this.#show(), process.stderr.isTTY ? TERMINAL_MS : LINES_MS);
  }

  turnTo(file: SourceFile, rows: { readonly rows: number }): void {
    this.#file = file;
    this.#rows = rows;
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  #show(): void {
    const file = this.#file;
    const rows = this.#rows;
    const sender = this.#sender;
    if (!file || !rows) return;
    const share = file.bytes > 0 ? file.read / file.bytes : 1;
    const rate = Math.round(sender.readings / this.seconds);
    const refused = [...sender.refused].map(([reason, { packs }]) => `${countOf(packs, 'pack')} refused (${reason})`);
    const left = share > 0.01 && share < 1 ? `about ${Math.ceil((this.seconds / share) * (1 - share))} s left` : '';
    const parts = [
      `${file.stem}: ${Math.round(share * 100)} %`,
      countOf(rows.rows, 'row'),
      `${countOf(sender.readings, 'reading')} (${rate}/s)`,
      `${sender.acknowledged} acknowledged`,
      ...refused,
      left,
    ];
    showProgress(parts.filter((part) => part !== '').join(', '));
  }

  stop(): void {
    clearInterval(this.#timer);
    clearProgress();
  }
}
