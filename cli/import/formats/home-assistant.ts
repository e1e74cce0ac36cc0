// History of Home Assistant: the CSV that its panel downloads, and the JSON of its API.
import { type State, StateReader, statesIn } from '@trine/mapping/formats/home-assistant.ts';
import { type RecordItem, timeReader } from '@trine/mapping/formats/record.ts';
import type { SourceFile } from '../source.ts';
import { elementsOf, isJsonHead, isLinesHead } from './elements.ts';
import type { Format } from './format.ts';
import { headOf, rowsOf } from './lines.ts';

const cellsOf = (line: string) => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

export const homeAssistantCsv: Format = {
  name: 'Home Assistant history (CSV)',
  place: 'row',
  table: { value: 'state', subjectColumn: 'entity_id', time: 'last_changed' },
  recognises({ text }) {
    const heading = new Set(cellsOf(text.split(/\r?\n/, 1)[0] as string));
    return (
      heading.has('entity_id') && heading.has('state') && (heading.has('last_changed') || heading.has('last_updated'))
    );
  },
  async *read(file, rules): AsyncGenerator<RecordItem> {
    const reader = new StateReader(timeReader(rules));
    let heading: string[] | undefined;
    for await (const { row, line } of rowsOf(file)) {
      if (heading === undefined) heading = row.map((cell) => cell.trim());
      else yield reader.item(stateOf(row, heading), line);
    }
  },
};

function stateOf(row: readonly string[], heading: readonly string[]): State {
  const cell = (name: string) => row[heading.indexOf(name)];
  return {
    entity: cell('entity_id'),
    state: cell('state'),
    time: cell('last_changed') || cell('last_updated'),
    unit: cell('unit_of_measurement'),
  };
}

export const homeAssistantJson: Format = {
  name: 'Home Assistant history (JSON)',
  place: 'element',
  recognises({ text }) {
    if (!isJsonHead(text)) return false;
    const isFull =
      /"entity_id"\s*:/.test(text) && /"state"\s*:/.test(text) && /"last_(?:changed|updated)"\s*:/.test(text);
    return (
      isFull ||
      /^\s*\{\s*"[a-z_]+\.[a-z0-9_]+"\s*:\s*\[\s*\{(?:"a"|"s"|"l[cu]")\s*:/.test(text.replace(/\{\s+"/g, '{"'))
    );
  },
  async *read(file: SourceFile, rules): AsyncGenerator<RecordItem> {
    const reader = new StateReader(timeReader(rules));
    for await (const { json, text, place } of elementsOf(file, isLinesHead((await headOf(file)).text))) {
      if (json === undefined) yield { why: 'no JSON', text: text.slice(0, 40), place, isLoss: true };
      else for (const state of statesIn(json)) yield reader.item(state, place);
    }
  },
};
