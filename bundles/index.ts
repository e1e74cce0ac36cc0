// Made by `npm run bundles`. The released bundles, loaded by their hash; of each name the newest first.
import type { ReleasedBundle } from '@trine/engine';
import data0 from './1968353fc76d54f254f7da7f1aca60000b256b0b7e544d7963d91faf033a79e6.json' with { type: 'json' };
// @ts-ignore: built code has no types.
import bundle0 from './1968353fc76d54f254f7da7f1aca60000b256b0b7e544d7963d91faf033a79e6.js';
import data1 from './6033e26254fc1169ab82e1d77ade777e72fd9fe0104687bead9b43d8e223fe59.json' with { type: 'json' };
// @ts-ignore: built code has no types.
import bundle1 from './6033e26254fc1169ab82e1d77ade777e72fd9fe0104687bead9b43d8e223fe59.js';
import data2 from './a3e9f7997ac7ce2a9408bd2cae601283e3c6910931b79ee6b3f3013d6f1d5cbd.json' with { type: 'json' };
// @ts-ignore: built code has no types.
import bundle2 from './a3e9f7997ac7ce2a9408bd2cae601283e3c6910931b79ee6b3f3013d6f1d5cbd.js';
import data3 from './56b2287ce04bd494a310f52cb51321eda4c5278bb66e13ca7d2eca59295b3971.json' with { type: 'json' };
// @ts-ignore: built code has no types.
import bundle3 from './56b2287ce04bd494a310f52cb51321eda4c5278bb66e13ca7d2eca59295b3971.js';

export const released = [
  { hash: '1968353fc76d54f254f7da7f1aca60000b256b0b7e544d7963d91faf033a79e6', data: data0, bundled: bundle0 },
  { hash: '6033e26254fc1169ab82e1d77ade777e72fd9fe0104687bead9b43d8e223fe59', data: data1, bundled: bundle1 },
  { hash: 'a3e9f7997ac7ce2a9408bd2cae601283e3c6910931b79ee6b3f3013d6f1d5cbd', data: data2, bundled: bundle2 },
  { hash: '56b2287ce04bd494a310f52cb51321eda4c5278bb66e13ca7d2eca59295b3971', data: data3, bundled: bundle3 },
] as unknown as readonly ReleasedBundle[];
