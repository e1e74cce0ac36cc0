// Things: who they are, what they said, and what is expected of them; letting keys in and shutting them out.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { assuranceClasses, parseDidKey, TrineError, toHex } from '@trine/protocol';
import { ForecastJobs } from '../../jobs/forecast.ts';
import type { Node } from '../../node.ts';
import { get, limit, post, subject, text } from './route.ts';

const stream = z.coerce.number().int().min(0);
const time = z.coerce.number().int().optional();
/** What a key may speak of: exact, or a beginning with `*` after it. */
const subjectPattern = text(128).regex(/^(?:[A-Za-z0-9][A-Za-z0-9:._~/-]*\*?|\*)$/);
const className = z.enum(Object.keys(assuranceClasses) as [keyof typeof assuranceClasses]);

export function deviceRoutes(api: OpenAPIHono, node: Node): void {
  const { views } = node;
  get(api, '/devices', 'Everything that speaks here or is spoken about.', {}, () => views.devices());
  get(api, '/streams', 'Quantities of a thing, each with its newest value.', { subject }, ({ subject: about }) =>
    views.streams(about),
  );
  get(api, '/seals', 'Statements, newest first.', { limit, subject: subject.optional() }, (given) =>
    views.seals(given.limit, given.subject),
  );
  const points = z.coerce.number().int().min(2).max(5_000).default(500);
  get(api, '/series', 'A stream over time.', { stream, from: time, to: time, points }, (given) =>
    views.series(given.stream, given.from, given.to, given.points),
  );
  const jobs = new ForecastJobs(node.store);
  const steps = z.coerce.number().int().min(1).max(336).optional();
  get(api, '/forecast', 'What a stream will say: advice.', { stream, steps }, (given) =>
    jobs.forecast(given.stream, given.steps),
  );
  get(api, '/chain', 'The head of a sequence.', { subject, keyOwner: z.string().optional() }, (given) =>
    headOf(node, given.keyOwner ?? given.subject, given.subject),
  );
  enrolmentRoutes(api, node);
}

function headOf({ sequences }: Node, keyOwner: string, about: string): object {
  const chain = sequences.get(keyOwner, about);
  const fork = sequences.forkOf(keyOwner, about);
  if (chain === undefined) return {};
  const { epoch, headSeq, headId, flags } = chain;
  return {
    epoch,
    seq: headSeq,
    id: Buffer.from(headId, 'latin1').toString('hex'),
    flags,
    ...(fork && { fork: { from: fork.from, heads: fork.heads.map(toHex) } }),
  };
}

/** A kind of thing that nobody knows would limit nothing, and look as if it did. @throws TrineError */
function checkThing({ domains }: Node, thing: string | undefined): void {
  const names = domains
    .all()
    .flatMap(({ domain: { manifest } }) => Object.keys(manifest.things).map((name) => `${manifest.name}/${name}`));
  if (thing !== undefined && !names.includes(thing))
    throw new TrineError('invalid', `thing: no installed domain has ${thing}, only ${names.join(', ')}.`);
}

function enrolmentRoutes(api: OpenAPIHono, node: Node): void {
  const enrolment = {
    key: z.string().max(80),
    subject,
    name: text(100),
    class: className,
    /** Kind of thing: `domain/model` of an installed domain; what it cannot send is refused then. */
    thing: text(80).optional(),
    subjects: z.array(subjectPattern).min(1).max(64).optional(),
  };
  post(api, '/devices', 'Lets a key in.', enrolment, async ({ subject: about, subjects, thing, ...rest }) => {
    parseDidKey(rest.key);
    checkThing(node, thing);
    await node.enrol(about, { ...rest, ...(thing && { thing }), subjects: subjects ?? [about] });
    return { enrolled: rest.key, subject: about };
  });
  post(api, '/devices/revoke', 'Shuts a key out.', { key: z.string().max(80), reason: text(200) }, async (given) => {
    await node.revoke(given.key, given.reason);
    return { revoked: given.key };
  });
  const recovery = { subject, key: z.string().max(80), keyOwner: subject.optional(), reason: text(200) };
  post(api, '/devices/recover', 'Lets a thing go on with another key after a fork.', recovery, (given) => {
    parseDidKey(given.key);
    return node.recover({ ...given, keyOwner: given.keyOwner ?? given.subject });
  });
  const pseudonym = { person: subject, key: z.string().max(80), subject };
  post(api, '/pseudonyms', 'Lets a person in under a pseudonym for one session.', pseudonym, async (given) => {
    parseDidKey(given.key);
    await node.pseudonyms.open(given);
    return { enrolled: given.key, subject: given.subject };
  });
  get(api, '/pseudonyms', 'Pseudonyms of a person.', { person: subject }, ({ person }) => node.pseudonyms.of(person));
  const erasure = { subject, reason: text(200), by: text(100).optional() };
  post(api, '/subjects/forget', 'Erases what is kept about a thing, and certifies it.', erasure, (given) => {
    const { reason, by = node.settings.operator } = given;
    return node.forget(given.subject, { reason, by });
  });
  post(api, '/device/:action{pause|resume}', 'Pauses the device of this computer.', {}, (_, c) => {
    if (!node.ownDevice) throw new TrineError('conflict', 'The own device is switched off in the settings.');
    node.ownDevice.paused = c.req.param('action') === 'pause';
    return { paused: node.ownDevice.paused };
  });
}
