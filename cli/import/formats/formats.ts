// All record formats, those that are told most surely first.

import { greenButton } from './espi.ts';
import type { Format } from './format.ts';
import { homeAssistantCsv, homeAssistantJson } from './home-assistant.ts';
import { annotatedCsv, influxExport } from './influx-csv.ts';
import { ngsi, senml, sensorThings } from './json-formats.ts';
import { lineProtocol } from './line-protocol.ts';
import { nem12 } from './nem12.ts';

export const formats: readonly Format[] = [
  greenButton,
  homeAssistantCsv,
  homeAssistantJson,
  annotatedCsv,
  influxExport,
  nem12,
  lineProtocol,
  senml,
  sensorThings,
  ngsi,
];
