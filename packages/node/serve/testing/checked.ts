// Answers against the document: a member that the document lacks is an error, too, so that schemas cannot lie.
import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

type Schema = Readonly<Record<string, unknown>>;
type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
type Responses = Readonly<Record<string, { readonly content?: Content }>>;

export class CheckedAnswers {
  readonly #document: ApiDocument;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  readonly #validators = new Map<Schema, ValidateFunction>();
  /** Operations that were answered, as `get /path`. */
  readonly answered = new Set<string>();

  constructor(document: ApiDocument) {
    this.#document = document;
  }

  get operations(): string[] {
    return Object.entries(this.#document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
  }

  /** A fetch that fails where an answer is none that the document knows. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const response = await fetch(request);
    const path = new URL(request.url).pathname;
    const found = this.#operationOf(request.method.toLowerCase(), path);
    assert.ok(found, `${request.method} ${path} is not in the document`);
    const [operation, responses] = found;
    if (response.ok) this.answered.add(operation);
    const content = responses[String(response.status)]?.content ?? (responses.default?.content as Content);
    const type = (response.headers.get('content-type') ?? '').split(';')[0] as string;
    assert.ok(Object.hasOwn(content, type), `${operation}: ${response.status} with ${type}`);
    if (type === 'application/json') this.check(operation, content[type]?.schema ?? {}, await response.clone().json());
    return response;
  };

  /** @param name of a component @throws AssertionError naming what is wrong */
  checkAs(name: string, value: unknown): void {
    this.check(name, { $ref: `#/components/schemas/${name}` }, value);
  }

  check(what: string, schema: Schema, value: unknown): void {
    let validate = this.#validators.get(schema);
    if (validate === undefined) {
      validate = this.#ajv.compile(this.#closed(schema) as object);
      this.#validators.set(schema, validate);
    }
    const problems = validate(value) ? [] : (validate.errors ?? []);
    const words = problems.slice(0, 5).map(({ instancePath, message, params }) => {
      return `${instancePath || '/'} ${message} ${JSON.stringify(params)}`;
    });
    assert.ok(problems.length === 0, `${what}: ${words.join('; ')}`);
  }

  #operationOf(method: string, path: string): [string, Responses] | undefined {
    const templates = Object.keys(this.#document.paths).sort((a, b) => parts(a) - parts(b));
    for (const template of templates) {
      const operation = this.#document.paths[template]?.[method];
      const pattern = template
        .replaceAll(/[.]/g, '\\.')
        .replaceAll(/\{(\w+)\}/g, (_, name) => (name === 'path' ? '.+' : '[^/]+'));
      if (operation && new RegExp(`^${pattern}$`).test(path)) return [`${method} ${template}`, operation.responses];
    }
    return undefined;
  }

  /** References put in place, and objects closed: what stands in none of their members is an error. */
  #closed(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map((one) => this.#closed(one));
    if (typeof schema !== 'object' || schema === null) return schema;
    const { $ref, allOf, ...rest } = schema as Schema;
    if (typeof $ref === 'string') return this.#closed(this.#resolve($ref));
    if (Array.isArray(allOf)) return this.#closed([rest, ...allOf].reduce((all, one) => this.#merged(all, one), {}));
    const members = Object.entries(rest).map(([name, value]) => [name, this.#closed(value)] as const);
    const isClosed = 'properties' in rest && !('additionalProperties' in rest);
    return { ...Object.fromEntries(members), ...(isClosed && { additionalProperties: false }) };
  }

  #merged(a: Schema, given: Schema): Schema {
    const b = typeof given.$ref === 'string' ? this.#resolve(given.$ref) : given;
    return {
      ...a,
      ...b,
      properties: { ...(a.properties as object), ...(b.properties as object) },
      required: [...((a.required as string[]) ?? []), ...((b.required as string[]) ?? [])],
    };
  }

  #resolve(ref: string): Schema {
    return this.#document.components.schemas[ref.slice(ref.lastIndexOf('/') + 1)] as Schema;
  }
}

/** Those with fewer parameters are meant first. */
const parts = (path: string): number => path.split('{').length;
