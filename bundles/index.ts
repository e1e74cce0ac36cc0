// Made by `npm run bundles`. The released bundles, loaded by their hash; of each name the newest first.
import type { ReleasedBundle } from '@trine/engine';
import data0 from './5de62cf9b67c429553f6ac7842d223d03127ceb344c8676bdf433194e555436e.json' with { type: 'json' };
// @ts-ignore: built code has no types.
import bundle0 from './5de62cf9b67c429553f6ac7842d223d03127ceb344c8676bdf433194e555436e.js';
import data1 from './bce5f86bcb8023ecb0d6b32a5923e16d60701df9793d3cf8e6bae113e8f8c74b.json' with { type: 'json' };
// @ts-ignore: built code has no types.
import bundle1 from './bce5f86bcb8023ecb0d6b32a5923e16d60701df9793d3cf8e6bae113e8f8c74b.js';
import data2 from './387631732c9e38f18c4f8771274595db18ac42a56ee4f94b71929738c044e78b.json' with { type: 'json' };
// @ts-ignore: built code has no types.
import bundle2 from './387631732c9e38f18c4f8771274595db18ac42a56ee4f94b71929738c044e78b.js';

export const released = [
  { hash: '5de62cf9b67c429553f6ac7842d223d03127ceb344c8676bdf433194e555436e', data: data0, bundled: bundle0 },
  { hash: 'bce5f86bcb8023ecb0d6b32a5923e16d60701df9793d3cf8e6bae113e8f8c74b', data: data1, bundled: bundle1 },
  { hash: '387631732c9e38f18c4f8771274595db18ac42a56ee4f94b71929738c044e78b', data: data2, bundled: bundle2 },
] as unknown as readonly ReleasedBundle[];
