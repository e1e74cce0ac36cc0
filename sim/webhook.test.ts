// A whole node tells another system of its alerts.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PostedAlert } from '@trine/node/serve/webhook.ts';
import { startPlatform, until } from './platform.ts';
import { startReceiver } from './receiver.ts';

test('an alert of a decision is posted to the webhook of the settings', async (t) => {
  const { posted, url: webhook, close } = await startReceiver<PostedAlert>();
  const home = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ alerts: { webhook } }));
  const { node, remove } = await startPlatform(home);
  t.after(async () => {
    await remove();
    close();
  });
  (node.ownDevice as { paused: boolean }).paused = true;
  const [alert] = await until('a post', async () => (posted.length > 0 ? posted : undefined));
  const {
    items: [known],
  } = await node.views.alerts({ limit: 1 });
  assert.deepEqual(
    [alert?.code, alert?.subject, alert?.policy, alert?.sinceMs],
    [known?.code, known?.subject, known?.policy, known?.sinceMs],
  );
  assert.equal(alert?.title, node.policies.agreements()[0]?.policy.title);
  assert.equal(node.webhook?.problem, undefined);
});
