// CSV of InfluxDB: what `influx query --raw` and the interface of 2.x give, and `influx -format csv` of 1.x.
import { AnnotatedRows, ExportRows, isExportHeading } from '@trine/mapping/formats/influx-csv.ts';
import { type RecordItem, timeReader } from '@trine/mapping/formats/record.ts';
import type { Format } from './format.ts';
import { rowsOf } from './lines.ts';

export const annotatedCsv: Format = {
  name: 'InfluxDB annotated CSV',
  place: 'line',
  table: { value: '_value', time: '_time' },
  recognises({ text }) {
    const [first = ''] = text.trimStart().split(/\r?\n/, 1);
    return /^"?#(?:datatype|group|default)"?,/.test(first) || /^(?:"")?,"?result"?,"?table"?,.*_time/.test(first);
  },
  async *read(file, rules): AsyncGenerator<RecordItem> {
    const reader = new AnnotatedRows(timeReader(rules));
    for await (const { row, line } of rowsOf(file)) yield* reader.read(row, line);
  },
};

export const influxExport: Format = {
  name: 'InfluxDB 1.x export (CSV)',
  place: 'line',
  table: { value: 'value', time: 'time' },
  recognises: ({ text }) => isExportHeading((text.trimStart().split(/\r?\n/, 1)[0] as string).split(',')),
  async *read(file, rules): AsyncGenerator<RecordItem> {
    const reader = new ExportRows(timeReader(rules));
    for await (const { row, line } of rowsOf(file)) yield* reader.read(row, line);
  },
};
