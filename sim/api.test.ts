// Every operation of the HTTP interface, asked of a whole node by the generated client: each answer, and each error, is
// what the document says of it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { answer, connect, type LiveEvent, live, type TrineApi } from '@trine/client';
import { type Served, serveNode, takePort } from '@trine/node/serve/serve.ts';
import { CheckedAnswers } from '@trine/node/serve/testing/checked.ts';
import {
  addressOfPrivateKey,
  contentTypes,
  decodeIntent,
  didKey,
  encodePack,
  fromHex,
  policyEndDigest,
  signDigest,
  signStatement,
  TrineError,
  verifyAcknowledgement,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import mqtt from 'mqtt';
import { type Platform, startPlatform, until } from './platform.ts';

const file = new URL('../docs/reference/openapi.json', import.meta.url);
const checked = new CheckedAnswers(JSON.parse(readFileSync(file, 'utf8')));
let platform: Platform;
let served: Served;
let api: TrineApi;
let anyone: TrineApi;

before(async () => {
  platform = await startPlatform();
  served = serveNode(await takePort('127.0.0.1', 0), platform.node, join(platform.home, 'no-console'), 'test');
  const url = served.url.replace(/\/$/, '');
  api = connect({ url, token: platform.node.genesis.keys.token, fetch: checked.fetch });
  anyone = connect({ url, fetch: checked.fetch });
});
after(async () => {
  await served?.close();
  await platform?.remove();
});

/** Operations that this file does not see answered with 200, and where they are. */
const elsewhere: Readonly<Record<string, string>> = {
  'post /api/v1/connectors/{name}/address': 'needs a connector by HTTP: packages/node/connectors/connectors.test.ts',
  'post /api/v1/intents/{id}/signatures': 'needs a second decider: sim/deciders.test.ts',
  'post /api/v1/held/{id}/release': 'needs something held: packages/node/settle/held.test.ts, cli/dispute.test.ts',
  'post /api/v1/held/{id}/practice': 'as before',
  'get /api/v1/held': 'as before',
  'get /api/v1/held/{id}/lines': 'needs held lines of a batch: packages/node/settle/held-lines.test.ts',
  'post /api/v1/deciding/{policy}/bodies': 'as before',
  'post /api/v1/deciding/{policy}/rows': 'needs a batch: packages/node/codecide/batches.test.ts',
  'post /api/v1/agreements/{id}/accounts': 'needs an agreement that accounts join: cli/joining.test.ts',
  'get /api/v1/agreements/{id}/codes': 'as before',
  'post /api/v1/devices/recover': 'needs a fork: sim/long/recovery.test.ts, cli/people.test.ts',
  'post /api/v1/acts': 'needs a signature of a party: cli/dispute.test.ts, packages/node/serve/routes/acts.test.ts',
  'get /api/v1/acts/{id}': 'as before',
  'post /api/v1/payments/{id}/practice': 'needs an open window: web/e2e/disputes.e2e.ts',
  'post /api/v1/payments/{id}/contests/practice': 'needs a batch: cli/contest.test.ts, web/e2e/contests.e2e.ts',
  'get /domains/{file}': 'needs an installed domain: web/e2e/bundles.e2e.ts',
  'get /verifier.html': 'is an HTML page, where a network names one: web/e2e/verifier.e2e.ts',
  'post /api/v1/models/learn': 'needs a taught monitor: sim/long/learning.test.ts, cli/models.test.ts',
  'post /api/v1/models/rollback': 'needs a promoted model: sim/long/models.test.ts',
};

test('for everyone, without a token', async () => {
  const network = await answer(anyone.GET('/network.json'));
  assert.equal(network.id, platform.node.genesis.network.id);
  assert.equal((await answer(anyone.GET('/gateway.json'))).network, network.id);
  assert.ok(Object.keys(await answer(anyone.GET('/model.json'))).length > 0);
  assert.equal((await answer(anyone.GET('/healthz'))).problems.length, 0);
  assert.equal((await answer(anyone.GET('/readyz'))).status, 'ready');
  assert.match(await answer(anyone.GET('/log/checkpoint', { parseAs: 'text' })), /\n/);
  assert.match(await answer(anyone.GET('/log/vkey', { parseAs: 'text' })), /\+/);
  const size = platform.node.log.checkpoint.size;
  assert.ok(size < 256, 'one tile yet');
  const path = `entries/000.p/${size}`;
  assert.equal((await checked.fetch(new Request(`${served.url}log/tile/${path}`))).status, 200);
  const call = { jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] };
  assert.ok(await answer(anyone.POST('/chain', { body: call })));
});

test('errors are of the one family, whoever asks', async () => {
  const refusals: readonly [() => Promise<unknown>, string][] = [
    [() => anyone.GET('/api/v1/overview'), 'unauthorised'],
    [() => api.GET('/api/v1/decisions/{id}', { params: { path: { id: '0'.repeat(64) } } }), 'not-found'],
    [() => api.GET('/api/v1/decisions', { params: { query: { limit: 0 } } }), 'invalid'],
    [() => anyone.GET('/log/tile/{path}', { params: { path: { path: 'x' } } }), 'not-found'],
    [() => api.GET('/api/v1/decisions', { params: { query: { vredict: 'x' } as object } }), 'invalid'],
    [() => api.POST('/api/v1/devices/revoke', { body: { key: 'did:key:none', reason: 'x' } }), 'not-found'],
    [() => api.POST('/api/v1/policies', { body: { policy: { trine: 'monitor/1' } } }), 'malformed'],
    [() => api.GET('/api/v1/forecast', { params: { query: { stream: 9_999 } } }), 'invalid'],
    [() => connect({ url: 'http://127.0.0.1:1' }).GET('/healthz'), 'unavailable'],
  ];
  for (const [call, code] of refusals)
    await assert.rejects(call(), (error) => error instanceof TrineError && error.code === code, code);
});

test('things: enrolled, heard, listed, exported, revoked, forgotten', async () => {
  const signer = temporarySigner();
  const subject = 'api/1';
  const key = didKey(signer.publicKey);
  await answer(api.POST('/api/v1/devices', { body: { key, subject, name: 'One', class: 'software' } }));
  const statement = await signStatement(signer, {
    kind: 'pack',
    subject,
    network: platform.node.genesis.network.id,
    epoch: 0,
    seq: 0,
    clock: 'synchronised',
    class: 'software',
    contentType: contentTypes.senmlCbor,
    payload: encodePack([
      { quantity: 'temperature', unit: 'Cel', timeMs: 1_700_000_000_000, value: -3.5 },
      { quantity: 'state', unit: '', timeMs: 1_700_000_000_000, value: '=1+1' },
    ]),
  });
  const handedIn = await answer(
    anyone.POST('/api/v1/statements', {
      body: '' as string,
      bodySerializer: () => statement.bytes.slice(),
      parseAs: 'arrayBuffer',
    }) as Promise<{ data?: unknown }>,
  );
  const gateway = platform.node.genesis.keys.gateway.publicKey;
  const [taken] = verifyAcknowledgement(new Uint8Array(handedIn as ArrayBuffer), gateway);
  assert.equal(taken?.verdict, 'sealed');
  await platform.node.runner.flush();
  const receipt = { params: { path: { of: Buffer.from(statement.id).toString('hex') } }, parseAs: 'text' } as const;
  assert.match(await answer(anyone.GET('/api/v1/receipts/{of}', receipt)), /^c2sp\.org\/tlog-proof@v1\n/);
  const things = await answer(api.GET('/api/v1/devices', { params: { query: { name: 'one' } } }));
  assert.deepEqual(
    things.items.map((one) => one.subject),
    [subject],
  );
  const [stream] = await answer(api.GET('/api/v1/streams', { params: { query: { subject } } }));
  await answer(api.GET('/api/v1/series', { params: { query: { stream: stream?.stream as number } } }));
  const rate = await answer(api.GET('/api/v1/rate', { params: { query: { subject, windowMs: 60_000 } } }));
  assert.equal(rate.proposed, 1);
  const page = await answer(api.GET('/api/v1/readings', { params: { query: { subject } } }));
  assert.deepEqual(page.items.map(({ value }) => value).sort(), [-3.5, '=1+1']);
  const table = await answer(api.GET('/api/v1/readings.csv', { params: { query: { subject } }, parseAs: 'text' }));
  assert.deepEqual(
    table.split('\r\n').toSorted(),
    [
      '',
      `2023-11-14T22:13:20.000Z,state,,'=1+1,${taken?.index}`,
      `2023-11-14T22:13:20.000Z,temperature,Cel,-3.5,${taken?.index}`,
      'time,quantity,unit,value,leaf',
    ].toSorted(),
  );
  assert.ok((await answer(api.GET('/api/v1/seals', { params: { query: { subject } } }))).items.length > 0);
  assert.equal((await answer(api.GET('/api/v1/chain', { params: { query: { subject } } }))).seq, 0);
  await answer(api.POST('/api/v1/devices/revoke', { body: { key, reason: 'lost' } }));
  const other = { person: 'member/1', key: didKey(temporarySigner().publicKey), subject: 'person/ab12' };
  await answer(api.POST('/api/v1/pseudonyms', { body: other }));
  const known = await answer(api.GET('/api/v1/pseudonyms', { params: { query: { person: other.person } } }));
  assert.deepEqual(known, [{ subject: other.subject, key: other.key, isLive: true }]);
  const own = platform.node.ownDevice?.subject as string;
  const [quantity] = await until('the own device was heard', async () => {
    const all = await answer(api.GET('/api/v1/streams', { params: { query: { subject: own } } }));
    return all.length > 0 ? all : undefined;
  });
  const query = { stream: quantity?.stream as number, steps: 2 };
  await until('enough for a forecast', () => api.GET('/api/v1/forecast', { params: { query } }).catch(() => undefined));
});

test('decisions, payments, alerts, and what people say of them', async () => {
  const own = platform.node.ownDevice?.subject as string;
  const pause = { params: { path: { action: 'pause' as const } } };
  assert.equal((await answer(api.POST('/api/v1/device/{action}', pause))).paused, true);
  const payment = await until('a payment', async () => {
    const page = await answer(api.GET('/api/v1/payments', { params: { query: { state: 'paid', limit: 1 } } }));
    return page.items[0];
  });
  const id = payment.decision;
  for (const given of [id, id.slice(0, 16)]) {
    const path = { id: given };
    const detail = await answer(api.GET('/api/v1/decisions/{id}', { params: { path } }));
    assert.deepEqual([detail.id, detail.payment], [id, payment.id]);
  }
  await answer(api.GET('/api/v1/payments/{id}', { params: { path: { id: payment.id } } }));
  const { intent } = await answer(anyone.GET('/api/v1/intents/{id}', { params: { path: { id: payment.id } } }));
  const [entry] = decodeIntent(fromHex(intent)).entries;
  assert.equal(entry?.amount, BigInt(payment.amount));
  const address = entry?.from as string;
  assert.equal(
    (await answer(api.GET('/api/v1/accounts/{address}', { params: { path: { address } } }))).address,
    address,
  );
  await answer(api.GET('/api/v1/decisions/{id}/rows', { params: { path: { id } } }));
  await answer(api.GET('/api/v1/decisions/{id}/explanation', { params: { path: { id } } }));
  const said = { assessment: 'wrong', by: 'Ada', note: '' } as const;
  await answer(api.POST('/api/v1/decisions/{id}/label', { params: { path: { id } }, body: said }));
  assert.equal((await answer(api.GET('/api/v1/decisions/{id}/labels', { params: { path: { id } } }))).length, 1);
  const page = await answer(api.GET('/api/v1/decisions', { params: { query: { subject: own, held: 'false' } } }));
  assert.ok(page.items.some((one) => one.id === id));
  const { items } = await answer(api.GET('/api/v1/ids/{prefix}', { params: { path: { prefix: id.slice(0, 20) } } }));
  assert.deepEqual(items, [{ id, kind: 'decision' }]);
  const [alert] = (await answer(api.GET('/api/v1/alerts', { params: { query: { status: 'raised' } } }))).items;
  assert.ok(alert);
  const status = { code: alert.code, status: 'acknowledged', by: 'Ada', note: '' } as const;
  await answer(api.POST('/api/v1/alerts/{id}/status', { params: { path: { id: alert.decision } }, body: status }));
  const call = api.GET('/api/v1/evidence/{id}', {
    params: { path: { id: payment.id.slice(0, 12) } },
    parseAs: 'arrayBuffer',
  });
  assert.ok(
    ((await until('the evidence', () => call.catch(() => undefined))).data as unknown as ArrayBuffer).byteLength >
      1_000,
  );
  await answer(api.GET('/api/v1/totals'));
  assert.equal((await answer(api.GET('/api/v1/overview'))).problems.length, 0);
  assert.ok((await answer(api.GET('/api/v1/silences'))).watched > 0);
  await answer(api.POST('/api/v1/silences/dismiss', { body: { subject: own } }));
  await answer(api.GET('/api/v1/refusals'));
  await answer(api.GET('/api/v1/intents'));
  const resume = { params: { path: { action: 'resume' as const } } };
  await answer(api.POST('/api/v1/device/{action}', resume));
  const reason = 'Moved out';
  const forgotten = await answer(api.POST('/api/v1/subjects/forget', { body: { subject: own, reason } }));
  assert.ok(forgotten.bodies > 0);
});

test('users of the broker', async () => {
  const body = { name: 'zigbee', publish: ['zigbee2mqtt/#'], subscribe: [] };
  const { password, ...user } = await answer(api.POST('/api/v1/mqtt/users', { body }));
  assert.ok(password.length > 20);
  assert.deepEqual(await answer(api.GET('/api/v1/mqtt/users')), [user]);
  await answer(api.POST('/api/v1/mqtt/users/{name}/remove', { params: { path: { name: 'zigbee' } } }));
  assert.deepEqual(await answer(api.GET('/api/v1/mqtt/users')), []);
});

test('connectors: what is announced is found, tried, accepted and released', async () => {
  const client = await mqtt.connectAsync(platform.node.mqtt.address);
  const device = {
    ieee_address: '0x00158d0001',
    friendly_name: 'kitchen',
    definition: {
      model: 'WSDCGQ11LM',
      vendor: 'Aqara',
      exposes: [{ type: 'numeric', property: 'temperature', access: 1, unit: '°C' }],
    },
  };
  await client.publishAsync('zigbee2mqtt/bridge/devices', JSON.stringify([device]), { qos: 1 });
  await client.publishAsync('nobody/knows', '{"a":"b"}', { qos: 1 });
  await client.endAsync();
  const path = { name: 'zigbee2mqtt' };
  await until('the thing is found', async () => {
    const { items } = await answer(api.GET('/api/v1/connectors/things', { params: { query: { state: 'found' } } }));
    return items.find(({ id }) => id === device.ieee_address);
  });
  const tried = await answer(
    api.POST('/api/v1/connectors/try', { body: { topic: 'zigbee2mqtt/kitchen', payload: '{"temperature":21.5}' } }),
  );
  assert.deepEqual(
    tried.packs.map(({ readings }) => readings.map(({ unit, value }) => [unit, value])),
    [[['Cel', 21.5]]],
  );
  const accept = { params: { path }, body: { ids: [device.ieee_address] } };
  assert.deepEqual(await answer(api.POST('/api/v1/connectors/{name}/accept', accept)), { things: 1 });
  const settings = { params: { path }, body: { enabled: true, settings: { baseTopics: ['zigbee2mqtt', 'upstairs'] } } };
  assert.deepEqual((await answer(api.POST('/api/v1/connectors/{name}/settings', settings))).filters, [
    'zigbee2mqtt/#',
    'upstairs/#',
  ]);
  assert.deepEqual((await answer(api.GET('/api/v1/connectors'))).find(({ name }) => name === path.name)?.accepted, 1);
  assert.deepEqual(
    (await answer(api.GET('/api/v1/connectors/unread'))).topics.map(({ topic }) => topic),
    ['nobody/knows'],
  );
  assert.deepEqual(await answer(api.POST('/api/v1/connectors/{name}/release', accept)), { things: 1 });
  const byHand = { topic: 'nobody/knows', subject: 'nobody', fields: [{ path: 'a', quantity: 'a' }] };
  const add = { params: { path: { name: 'topics' } }, body: { id: 'nobody/knows', mappings: [byHand] } };
  assert.deepEqual(await answer(api.POST('/api/v1/connectors/{name}/add', add)), { things: 1 });
  assert.deepEqual((await answer(api.GET('/api/v1/connectors/unread'))).topics, []);
});

test('a simulated house appears through the connectors, and is labelled', async () => {
  const { untilMs = 0 } = await answer(api.POST('/api/v1/connectors/simulated', { body: { minutes: 1 } }));
  assert.ok(untilMs > Date.now());
  assert.equal((await answer(api.GET('/api/v1/connectors/simulated'))).untilMs, untilMs);
  const query = { connector: 'zigbee2mqtt', limit: 100 };
  const found = await until('the house is found', async () => {
    const { items } = await answer(api.GET('/api/v1/connectors/things', { params: { query } }));
    return items.filter(({ id }) => id.startsWith('simulated/')).length === 6 ? items : undefined;
  });
  assert.ok(found.every(({ assumed }) => assumed.length === 0));
  const accept = { params: { path: { name: 'zigbee2mqtt' } }, body: { kind: 'Simulated SIM-TH' } };
  assert.deepEqual(await answer(api.POST('/api/v1/connectors/{name}/accept', accept)), { things: 4 });
  const subject = 'simulated/zigbee/0x00158d0000000001';
  const seal = await until(
    'it is sealed',
    async () => (await platform.node.views.seals({ limit: 1, subject })).items[0],
  );
  assert.equal(seal.class, 'simulated');
  assert.deepEqual(await answer(api.POST('/api/v1/connectors/simulated', { body: { minutes: 0 } })), {});
});

test('policies, models, what-if and forecasts', async () => {
  const [agreement] = await answer(api.GET('/api/v1/agreements'));
  assert.ok(agreement);
  const { domain, subject, terms } = agreement.policy;
  const [installed] = await answer(api.GET('/api/v1/domains'));
  assert.ok(installed);
  const watched = { subject, domain, title: 'Beside', terms: terms as Record<string, unknown> };
  await answer(api.POST('/api/v1/monitors', { body: watched }));
  const [monitor] = await answer(api.GET('/api/v1/monitors'));
  assert.ok(monitor);
  // The payload of a policy as it is answered is what is proposed.
  const policy = { ...monitor.policy, title: 'Again' };
  assert.match((await answer(api.POST('/api/v1/policies', { body: { policy } }))).policy, /^[0-9a-f]{64}$/);
  const paidBy = async (party: string) =>
    (await answer(api.GET('/api/v1/payments', { params: { query: { party } } }))).counts.total;
  const [party] = agreement.policy.parties;
  assert.ok((await paidBy(party?.name.toUpperCase() as string)) > 0);
  assert.ok((await paidBy(party?.address as string)) > 0);
  assert.equal(await paidBy('nobody'), 0);
  const { routes, name } = (await answer(api.GET('/api/v1/domains'))).find((one) => one.name === domain) ?? installed;
  const params = { path: { name, path: routes[0]?.path as string }, query: { policy: agreement.hash } };
  await answer(api.GET('/api/v1/domains/{name}/{path}', { params }));
  const words = 'none';
  const card = {
    purpose: words,
    data: words,
    split: words,
    metric: words,
    result: words,
    limits: words,
    licence: words,
  };
  const { model } = await answer(
    api.POST('/api/v1/models', { body: { domain, parameters: { thresholdPpm: { 'cpu/load': 990_000 } }, card } }),
  );
  const of = { path: { id: model } };
  await answer(api.POST('/api/v1/models/{id}/shadow', { params: of, body: { agreement: agreement.id } }));
  const vote = { path: { id: model, vote: 'approve' as const } };
  await answer(api.POST('/api/v1/models/{id}/{vote}', { params: vote, body: { agreement: agreement.id } }));
  assert.ok((await answer(api.GET('/api/v1/models'))).some((one) => one.hash === model));
  await answer(api.POST('/api/v1/replay', { body: { policy: agreement.id } }));
  const owed = { policy: agreement.id, terms: { creditMinorUnits: -5 } };
  await assert.rejects(api.POST('/api/v1/replay', { body: owed }), /creditMinorUnits/);
});

test('an agreement is proposed, signed by both parties with their links alone, funded with test money, and ended', async () => {
  const [agreement] = await answer(api.GET('/api/v1/agreements'));
  assert.ok(agreement);
  const { domain, subject, terms, money } = agreement.policy;
  const keys = { payer: randomBytes(32), recipient: randomBytes(32) };
  const nowMs = Date.now();
  const body = {
    ...{ subject, domain, title: 'Agreed by links', terms: terms as Record<string, unknown>, currency: 'EUR' },
    parties: Object.keys(keys).map((role) => ({ role, name: role })),
    ...{ perObligationMax: money.perObligationMax, totalMax: 500, startMs: nowMs, endMs: nowMs + 86_400_000 },
    ...{ disputeWindowS: 0, holdMaxS: 0, afterHold: 'drop' as const, ownersMin: 0, classMin: 'software' as const },
  };
  const { id, links } = await answer(api.POST('/api/v1/proposals', { body }));
  const codeOf = (role: string) =>
    links
      .find((one) => one.role === role)
      ?.path.split('/')
      .at(-1) as string;
  const path = { id };
  for (const [role, key] of Object.entries(keys)) {
    const address = addressOfPrivateKey(key);
    await answer(
      anyone.POST('/api/v1/signing/{id}/account', { params: { path }, body: { code: codeOf(role), address } }),
    );
  }
  const params = { path, query: { code: codeOf('payer') } };
  const { agreement: digest } = await answer(anyone.GET('/api/v1/signing/{id}', { params }));
  for (const [role, key] of Object.entries(keys)) {
    const signed = { code: codeOf(role), signature: signDigest(`0x${digest}`, key) };
    await answer(anyone.POST('/api/v1/signing/{id}/signature', { params: { path }, body: signed }));
  }
  const code = { code: codeOf('payer') };
  assert.deepEqual(await answer(anyone.POST('/api/v1/signing/{id}/practice', { params: { path }, body: code })), {
    amount: 500,
  });
  assert.equal((await answer(api.GET('/api/v1/proposals/{id}', { params: { path } }))).state, 'sealed');
  assert.equal((await answer(api.GET('/api/v1/proposals'))).length, 2, 'the practice agreement came the same way');
  const fromMs = Date.now();
  const signature = signDigest(policyEndDigest(fromHex(digest as string), fromMs, money), keys.recipient);
  const end = { fromMs, reason: 'Sold', role: 'recipient', signature };
  await answer(anyone.POST('/api/v1/agreements/{id}/end', { params: { path: { id: digest as string } }, body: end }));
  const other = await answer(api.POST('/api/v1/proposals', { body: { ...body, title: 'Never signed' } }));
  const withdrawn = api.POST('/api/v1/proposals/{id}/withdraw', { params: { path: { id: other.id } } });
  assert.equal((await answer(withdrawn)).state, 'withdrawn');
  const [monitor] = await answer(api.GET('/api/v1/monitors'));
  const ended = { params: { path: { id: monitor?.hash as string } }, body: { reason: 'Enough' } };
  await answer(api.POST('/api/v1/monitors/{id}/end', ended));
});

test('live events are as described', async () => {
  const heard: LiveEvent[] = [];
  const listenTo = (until_: (event: LiveEvent) => boolean) => {
    const stop = new AbortController();
    return live(api, {
      signal: stop.signal,
      onEvent: (event) => {
        checked.checkAs('LiveEvent', event);
        heard.push(event);
        if (until_(event)) stop.abort();
      },
    });
  };
  await listenTo(() => new Set(heard.map(({ event }) => event)).size >= 3);
  assert.equal(heard[0]?.event, 'overview');
  assert.ok(await answer(api.GET('/metrics', { parseAs: 'text' })));
});

test('no operation of the document was left out', () => {
  const missed = checked.operations.filter((one) => !checked.answered.has(one) && !Object.hasOwn(elsewhere, one));
  assert.deepEqual(missed, []);
});
