// All record formats, those that are told most surely first.
import type { Format } from './format.ts';
import { homeAssistantCsv, homeAssistantJson } from './home-assistant.ts';
import { lineProtocol } from './line-protocol.ts';

export const formats: readonly Format[] = [homeAssistantCsv, homeAssistantJson, lineProtocol];
