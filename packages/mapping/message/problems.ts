// What is wrong with a mapping beyond its shape, in words.
import { ruleUnit } from '../units/units.ts';
import type { Mapping } from './shape.ts';

export interface Problem {
  readonly path: (string | number)[];
  readonly message: string;
}

const PLACE = /\{([^{}]*)\}/g;
const MEMBER = /^\{json:[^{}]+\}$/;

/** @returns undefined where the mapping can mean something */
export function problemOf(mapping: Mapping): Problem | undefined {
  return problemOfValues(mapping) ?? problemOfUnits(mapping) ?? problemOfTemplates(mapping);
}

/** Is its payload JSON, or made JSON by what the mapping runs? */
export function isJson({ fields, encoding, codec, transform }: Mapping): boolean {
  if (codec !== undefined || transform !== undefined) return true;
  return encoding === undefined && fields.length > 0;
}

function problemOfValues(mapping: Mapping): Problem | undefined {
  const { quantity, fields, topic, encoding, frame, codec } = mapping;
  if (quantity === undefined && fields.length === 0)
    return {
      path: [],
      message: `the rule for "${topic}" says neither a quantity, for payloads of one value, nor fields, for JSON`,
    };
  if (mapping.each !== undefined && !mapping.each.split('.').includes('*'))
    return { path: ['each'], message: `"${mapping.each}" has no * that stands for each of several` };
  if (encoding !== undefined && (frame !== undefined || codec !== undefined))
    return { path: ['encoding'], message: 'the payload is bytes, or a member of it is: say one of both' };
  for (const [i, field] of fields.entries()) {
    const path = ['fields', i];
    if ((field.path === undefined) === (field.bytes === undefined))
      return { path, message: 'a field says a path or bytes, and not both' };
    if (field.bytes !== undefined && encoding === undefined && frame === undefined)
      return { path, message: 'there are no bytes: give the encoding of the payload, or a frame' };
    if (field.path !== undefined && encoding !== undefined)
      return { path, message: 'the payload is bytes and has no members: give a frame where a member holds them' };
  }
  return undefined;
}

function problemOfUnits(mapping: Mapping): Problem | undefined {
  const values = [
    { path: ['unit'], unit: mapping.unit, quantity: mapping.quantity ?? '' },
    ...mapping.fields.map((field, i) => ({ path: ['fields', i, 'unit'], unit: field.unit, quantity: field.quantity })),
  ];
  for (const { path, unit: written, quantity } of values) {
    if (MEMBER.test(written)) {
      const message = problemOfTemplate(mapping, written);
      if (message) return { path, message };
      continue;
    }
    if (ruleUnit(written, quantity) !== undefined) continue;
    return {
      path,
      message: `"${written}" is no unit known here: give a SenML symbol (Cel, W, kWh, m3, %, …; RFC 8428), its usual spelling (°C, kwh, m³), or leave it out`,
    };
  }
  return undefined;
}

function problemOfTemplates(mapping: Mapping): Problem | undefined {
  const templates = [
    { path: ['subject'], text: mapping.subject },
    { path: ['name'], text: mapping.name ?? '' },
    { path: ['once'], text: mapping.once ?? '' },
    { path: ['quantity'], text: mapping.quantity ?? '' },
    ...mapping.fields.map(({ quantity }, i) => ({ path: ['fields', i, 'quantity'], text: quantity })),
  ];
  for (const { path, text } of templates) {
    const message = problemOfTemplate(mapping, text);
    if (message) return { path, message };
  }
  return undefined;
}

function problemOfTemplate(mapping: Mapping, text: string): string | undefined {
  const { topic, each = '' } = mapping;
  const wildcards = topic.split('/').filter((level) => level === '+' || level === '#').length;
  const stars = each.split('.').filter((part) => part === '*').length;
  for (const [place, name = ''] of text.matchAll(PLACE)) {
    if (name === 'topic') continue;
    if (name.startsWith('json:') && name.length > 5) {
      if (isJson(mapping)) continue;
      return `${place} is a member of JSON, and the rule has no fields: its payloads are no JSON`;
    }
    const star = /^each:([1-9]\d*)$/.exec(name)?.[1];
    if (star !== undefined && Number(star) <= stars) continue;
    if (star !== undefined) return `${place} needs ${star} * in "each", which has ${stars === 0 ? 'none' : stars}`;
    if (!/^[1-9]\d*$/.test(name)) return `${place} means nothing: use {1}, {2}, …, {topic}, {json:PATH} or {each:1}`;
    if (Number(name) > wildcards)
      return `${place} needs ${name} + or # in the topic "${topic}", which has ${wildcards === 0 ? 'none' : wildcards}`;
  }
  return undefined;
}
