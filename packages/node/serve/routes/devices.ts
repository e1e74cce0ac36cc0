// Things: who they are, letting keys in and shutting them out, and erasing.
import { isDeepStrictEqual } from 'node:util';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { parseDidKey, TrineError, toHex } from '@trine/protocol';
import type { Node } from '../../node.ts';
import type { KeyEntry } from '../../projections/keys.ts';
import { className, hex32, type Immutable, subject, text } from '../schema.ts';
import { deviceFilter, devicePageSchema, sealFilter, sealPageSchema, streamSchema } from '../views/things.ts';
import { get, post } from './route.ts';

/** What a key may speak of: exact, or a beginning with `*` after it. */
const subjectPattern = text(128).regex(/^(?:[A-Za-z0-9][A-Za-z0-9:._~/-]*\*?|\*)$/);

const placeSchema = z.object({ epoch: z.int(), seq: z.int() });

const headSchema = z
  .object({
    epoch: z.int().optional(),
    seq: z.int().optional(),
    id: hex32.optional(),
    flags: z.record(z.string(), z.int()).optional(),
    fork: z
      .object({ from: placeSchema, heads: z.array(hex32) })
      .optional()
      .openapi({ description: 'A fork or a clone that stands: the first doubtful place, and the heads of its sides.' }),
  })
  .openapi('SequenceHead', { description: 'Empty where there is none.' });

export function deviceRoutes(api: OpenAPIHono, node: Node): void {
  const { views } = node;
  get(
    api,
    '/devices',
    { about: 'Everything that speaks here or is spoken about.', fields: deviceFilter, answer: devicePageSchema },
    // What a connector's thing is called, its maker or whoever set it up said; a name is no part of what is signed.
    (given) => views.devices(given, (about) => node.connectors.things.speaksOf(about)?.thing.name),
  );
  get(
    api,
    '/streams',
    { about: 'Quantities of a thing, each with its newest value.', fields: { subject }, answer: z.array(streamSchema) },
    ({ subject: about }) => views.streams(about),
  );
  get(api, '/seals', { about: 'Statements.', fields: sealFilter, answer: sealPageSchema }, (given) =>
    views.seals(given),
  );
  get(
    api,
    '/chain',
    { about: 'The head of a sequence.', fields: { subject, keyOwner: text(128).optional() }, answer: headSchema },
    (given) => headOf(node, given.keyOwner ?? given.subject, given.subject),
  );
  enrolmentRoutes(api, node);
  recoveryRoutes(api, node);
  pseudonymRoutes(api, node);
  eraseRoutes(api, node);
}

function headOf({ sequences }: Node, keyOwner: string, about: string): Immutable<z.infer<typeof headSchema>> {
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
    throw new TrineError('invalid', `thing: no installed domain has ${thing}, only ${names.join(', ') || 'none'}.`);
}

/** What a key is let in as. */
type Let = Pick<KeyEntry, 'keyOwner' | 'name' | 'class' | 'subjects'> & Partial<Pick<KeyEntry, 'thing'>>;

/**
 * A key is enrolled once: asked for again, the same changes nothing, and anything else would look as if it had.
 * @throws TrineError `conflict` naming what stands
 */
function checkLetIn({ keyDirectory }: Node, key: string, wanted: Let): void {
  const known = keyDirectory.get(key);
  if (known?.revokedAt !== undefined)
    throw new TrineError('conflict', 'This key was shut out, and stays so: make another key.');
  for (const name of ['keyOwner', 'name', 'class', 'subjects', 'thing'] as const)
    if (!isDeepStrictEqual(known?.[name], wanted[name]))
      throw new TrineError(
        'conflict',
        `This key was let in before, for ${known?.keyOwner}, with another ${name === 'keyOwner' ? 'subject' : name}: a key is enrolled once. Make another key.`,
      );
}

function enrolmentRoutes(api: OpenAPIHono, node: Node): void {
  const key = z.string().max(80);
  const body = {
    key,
    subject,
    name: text(100),
    class: className,
    thing: text(80).optional().openapi({
      description: 'Kind of thing: `domain/thing` of an installed domain. What it cannot send is refused.',
    }),
    subjects: z.array(subjectPattern).min(1).max(64).optional(),
  };
  const enrolled = z.object({ enrolled: z.string(), subject: z.string() });
  post(
    api,
    '/devices',
    { about: 'Lets a key in.', params: {}, body, answer: enrolled },
    async ({ subject: about, subjects, thing, ...rest }) => {
      parseDidKey(rest.key);
      checkThing(node, thing);
      const enrolment = { ...rest, ...(thing && { thing }), subjects: subjects ?? [about] };
      await node.enrol(about, enrolment);
      checkLetIn(node, rest.key, { ...enrolment, keyOwner: about });
      return { enrolled: rest.key, subject: about };
    },
  );
  const revocation = { key, reason: text(200) };
  const answer = z.object({ revoked: z.string() });
  post(api, '/devices/revoke', { about: 'Shuts a key out.', params: {}, body: revocation, answer }, async (given) => {
    await node.revoke(given.key, given.reason);
    return { revoked: given.key };
  });
}

function recoveryRoutes(api: OpenAPIHono, node: Node): void {
  const recovered = z
    .object({
      keyOwner: z.string(),
      key: z.string(),
      epoch: z.int().openapi({ description: 'In which the sequence goes on.' }),
      from: placeSchema.openapi({ description: 'From here on what was said before is no value.' }),
      leaf: z.int(),
      revoked: z.array(z.string()),
    })
    .openapi('Recovered');
  const recovery = { subject, key: z.string().max(80), keyOwner: subject.optional(), reason: text(200) };
  post(
    api,
    '/devices/recover',
    { about: 'Lets a thing go on with another key after a fork.', params: {}, body: recovery, answer: recovered },
    (given) => {
      parseDidKey(given.key);
      return node.recover({ ...given, keyOwner: given.keyOwner ?? given.subject });
    },
  );
}

function pseudonymRoutes(api: OpenAPIHono, { pseudonyms }: Node): void {
  const pseudonym = { person: subject, key: z.string().max(80), subject };
  const enrolled = z.object({ enrolled: z.string(), subject: z.string() });
  const about = 'Lets a person in under a pseudonym for one session.';
  post(api, '/pseudonyms', { about, params: {}, body: pseudonym, answer: enrolled }, async (given) => {
    parseDidKey(given.key);
    await pseudonyms.open(given);
    return { enrolled: given.key, subject: given.subject };
  });
  const pseudonymSchema = z
    .object({
      subject: z.string(),
      key: z.string().optional().openapi({ description: 'did:key; absent where a crash came before it was let in.' }),
      isLive: z.boolean().openapi({ description: 'Whether it may still speak.' }),
    })
    .openapi('Pseudonym');
  get(
    api,
    '/pseudonyms',
    { about: 'Pseudonyms of a person.', fields: { person: subject }, answer: z.array(pseudonymSchema) },
    ({ person }) => pseudonyms.of(person),
  );
}

function eraseRoutes(api: OpenAPIHono, node: Node): void {
  const erasure = { subject, reason: text(200), by: text(100).optional() };
  const erased = z
    .object({
      bodies: z.int().openapi({ description: 'How many were erased.' }),
      open: z.int().openapi({ description: 'Statements that stay, because their bodies are in the log itself.' }),
      leaf: z.int().openapi({ description: 'Of the certificate.' }),
    })
    .openapi('Erased');
  post(
    api,
    '/subjects/forget',
    { about: 'Erases what is kept about a thing, and certifies it.', params: {}, body: erasure, answer: erased },
    ({ subject: about, reason, by = node.settings.operator }) => node.forget(about, { reason, by }),
  );
  const action = z.enum(['pause', 'resume']);
  post(
    api,
    '/device/:action{pause|resume}',
    {
      about: 'Pauses the device of this computer, or lets it go on.',
      params: { action },
      body: {},
      answer: z.object({ paused: z.boolean() }),
    },
    ({ action: wanted }) => {
      if (!node.ownDevice) throw new TrineError('conflict', 'The own device is switched off in the settings.');
      node.ownDevice.paused = wanted === 'pause';
      return { paused: node.ownDevice.paused };
    },
  );
}
