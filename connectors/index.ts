// The connectors of this installation. A new one is a folder, and a line here.
import type { Connector } from '@trine/mapping/connector.ts';
import { zigbee2mqtt } from './zigbee2mqtt/index.ts';

export const connectors: readonly Connector[] = [zigbee2mqtt];
