// Faults that TypeScript can have: small wrong changes that still parse.
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { AnyNode, BinaryExpression, LogicalExpression } from 'acorn';
import { parse } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { type Fault, root } from './areas.ts';

type Change = Omit<Fault, 'file'>;

const otherOperator: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '+': '-',
  '-': '+',
  '*': '/',
  '&&': '||',
  '||': '&&',
};
const otherMethod = new Map(Object.entries({ some: 'every', every: 'some', min: 'max', max: 'min' }));

/** The file as Node runs it: types blanked out, so that every place stays where it was. */
export const stripped = (file: string): string => stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'));

const parsed = (text: string) => parse(text, { ecmaVersion: 'latest', sourceType: 'module' });

function operatorFault(node: BinaryExpression | LogicalExpression, text: string): Change[] {
  const other = otherOperator[node.operator];
  if (other === undefined) return [];
  const start = text.indexOf(node.operator, node.left.end);
  return [{ start, end: start + node.operator.length, instead: other, at: node.start }];
}

/** Faults that a place in the code can have. @param text of the file, types blanked out */
function faultsAt(node: AnyNode, text: string): Change[] {
  const { start, end } = node;
  const of = (part: { start: number; end: number }) => text.slice(part.start, part.end);
  const here = (instead: string): Change => ({ start, end, instead, at: start });
  const at = (part: { start: number; end: number }, instead: string): Change => ({
    start: part.start,
    end: part.end,
    instead,
    at: start,
  });
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
      return operatorFault(node, text);
    case 'UnaryExpression':
      return node.operator === '!' ? [at({ start, end: start + 1 }, '')] : [];
    case 'IfStatement':
      return ['true', 'false'].map((instead) => at(node.test, instead));
    case 'ConditionalExpression':
      return [at(node.test, `!(${of(node.test)})`)];
    case 'Literal':
      if (typeof node.value === 'number') return [here(String(node.value + 1))];
      return typeof node.value === 'boolean' ? [here(String(!node.value))] : [];
    case 'ReturnStatement':
      // To return nothing instead of `undefined` is no fault.
      return node.argument && of(node.argument) !== 'undefined' ? [here('return;')] : [];
    case 'ThrowStatement':
      return [here(';')];
    case 'ExpressionStatement':
      return 'directive' in node ? [] : [here(';')];
    case 'MemberExpression': {
      const { property } = node;
      const other = property.type === 'Identifier' ? otherMethod.get(property.name) : undefined;
      return other ? [{ start: property.start, end: property.end, instead: other, at: start }] : [];
    }
    default:
      return [];
  }
}

/** Every fault of a file, in its order. What an error says is nobody's decision: it is left alone. */
export function typescriptFaults(file: string): Fault[] {
  const text = stripped(file);
  const found: Fault[] = [];
  fullAncestor(parsed(text), (node, _state, around) => {
    const isSaid = around.slice(0, -1).some(({ type }) => type === 'ThrowStatement' || type === 'TemplateLiteral');
    if (!isSaid) found.push(...faultsAt(node, text).map((fault) => ({ file, ...fault })));
  });
  return found;
}

/** The file with the fault in it. @returns undefined where it no longer parses: `a ?? b && c` */
export function faultyTypescript({ file, start, end, instead }: Fault): string | undefined {
  const text = stripped(file);
  const faulty = text.slice(0, start) + instead + text.slice(end);
  try {
    parsed(faulty);
    return faulty;
  } catch {
    return undefined;
  }
}
