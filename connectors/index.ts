// The connectors of this installation. A new one is a folder, and a line here.
import type { Connector } from '@trine/mapping/connector.ts';
import { chirpstack } from './chirpstack/index.ts';
import { homeassistant } from './homeassistant/index.ts';
import { influx } from './influx/index.ts';
import { ngsi } from './ngsi/index.ts';
import { owntracks } from './owntracks/index.ts';
import { sensorthings } from './sensorthings/index.ts';
import { shelly } from './shelly/index.ts';
import { tasmota } from './tasmota/index.ts';
import { thingsboard } from './thingsboard/index.ts';
import { topics } from './topics/index.ts';
import { tts } from './tts/index.ts';
import { webhook } from './webhook/index.ts';
import { zigbee2mqtt } from './zigbee2mqtt/index.ts';

export const connectors: readonly Connector[] = [
  ...[zigbee2mqtt, tasmota, shelly, homeassistant, chirpstack, tts, owntracks],
  ...[ngsi, sensorthings, thingsboard, influx, webhook, topics],
];
