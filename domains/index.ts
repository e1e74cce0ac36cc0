// The domains of this installation. A new one is a folder, and a line here.
import type { Domain } from '@trine/engine';
import { booking } from './booking/index.ts';
import { metering } from './metering/index.ts';
import { serviceLevel } from './service-level/index.ts';

export const domains: readonly Domain[] = [serviceLevel, metering, booking];
