// NEM12: interval data of Australian meters.
import { Nem12Rows } from '@trine/mapping/formats/nem12.ts';
import type { RecordItem } from '@trine/mapping/formats/record.ts';
import type { Format } from './format.ts';
import { rowsOf } from './lines.ts';

export const nem12: Format = {
  name: 'NEM12',
  place: 'line',
  // Retailers leave the first record out.
  recognises: ({ text }) => /^\s*(?:"?100"?,"?NEM12\b|200,\w{10},[^\n]*\n300,\d{8},)/.test(text),
  async *read(file, rules): AsyncGenerator<RecordItem> {
    const reader = new Nem12Rows(rules.interval);
    let place = 0;
    for await (const { row, line } of rowsOf(file)) {
      place = line;
      yield* reader.read(row, line);
    }
    yield* reader.end(place);
  },
};
