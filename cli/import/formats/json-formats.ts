// Formats in JSON that say themselves what is what: SensorThings, NGSI-LD and NGSI v2, SenML.
import { entitiesIn, itemsOfEntity } from '@trine/mapping/formats/ngsi.ts';
import { type RecordItem, type RecordRules, timeReader } from '@trine/mapping/formats/record.ts';
import { isSenmlRecord, SenmlRecords } from '@trine/mapping/formats/senml-file.ts';
import { SensorThings } from '@trine/mapping/formats/sensorthings.ts';
import { parseJson } from '@trine/mapping/values/json.ts';
import type { SourceFile } from '../source.ts';
import { elementsOf, isJsonHead, isLinesHead } from './elements.ts';
import type { Format } from './format.ts';
import { headOf } from './lines.ts';

type ReadElement = (json: unknown, place: number) => Iterable<RecordItem>;

/** A format whose elements are read one after the other by a reader that is made anew for each way through the file. */
function ofElements(
  name: string,
  isIts: (head: string) => boolean,
  reader: (rules: RecordRules) => ReadElement,
): Format {
  return {
    name,
    place: 'element',
    recognises: ({ text }) => isJsonHead(text) && isIts(text),
    async *read(file: SourceFile, rules): AsyncGenerator<RecordItem> {
      const read = reader(rules);
      for await (const { json, text, place } of elementsOf(file, isLinesHead((await headOf(file)).text))) {
        if (json === undefined) yield { why: 'no JSON', text: text.slice(0, 40), place, isLoss: true };
        else yield* read(json, place);
      }
    },
  };
}

export const sensorThings: Format = ofElements(
  'SensorThings (JSON)',
  (head) =>
    (/"(?:phenomenonTime|resultTime)"\s*:/.test(head) && /"result"\s*:/.test(head)) ||
    (/"dataArray"\s*:/.test(head) && /"components"\s*:/.test(head)),
  (rules) => {
    const reader = new SensorThings(timeReader(rules));
    return (json, place) => reader.items(json, place);
  },
);

export const ngsi: Format = ofElements(
  'NGSI entities (JSON)',
  (head) => {
    if (/"entityId"\s*:/.test(head) && /"index"\s*:/.test(head) && /"attrName"\s*:/.test(head)) return true;
    const isEntity = /"@?id"\s*:\s*"/.test(head) && /"@?type"\s*:\s*"/.test(head);
    const isNormal =
      /"type"\s*:\s*"(?:Property|GeoProperty|Relationship|Number|DateTime)"/.test(head) && /"value"\s*:/.test(head);
    return isEntity && (isNormal || /"urn:ngsi-ld:/.test(head));
  },
  (rules) => {
    const readTime = timeReader(rules);
    return function* (json, place) {
      for (const entity of entitiesIn(json)) yield* itemsOfEntity(entity, place, readTime);
    };
  },
);

export const senml: Format = ofElements(
  'SenML (JSON)',
  (head) => {
    const first = /^\s*\[\s*(\{[^{}]*\})/.exec(head)?.[1];
    try {
      return first !== undefined && isSenmlRecord(parseJson(first));
    } catch {
      return false;
    }
  },
  () => {
    const records = new SenmlRecords();
    return (json, place) => records.items(json, place);
  },
);
