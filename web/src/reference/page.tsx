// The reference of the HTTP interface, from the document that the node itself gives.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { formatCounted } from '../format/amount.ts';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { curlOf, groupsOf, kindOf, membersOf, namedIn, type OpenApi, type Operation, type Schema } from './document.ts';

/** The document is public: it is asked for without the token. */
async function askDocument(): Promise<OpenApi> {
  const response = await fetch('/openapi.json');
  if (!response.ok) throw new Error(`The node answered ${response.status}.`);
  return (await response.json()) as OpenApi;
}

export function ReferencePage(): ReactNode {
  const found = useQuery({ queryKey: ['document'], queryFn: askDocument, staleTime: Number.POSITIVE_INFINITY });
  return (
    <Page
      title="API"
      about="Everything this console does, it does through this interface: so can your own programs."
      actions={
        <a className="button" href="/openapi.json" download="trine-openapi.json">
          Save the document
        </a>
      }
    >
      <Loaded query={found} rows={6}>
        {(document) => <Reference document={document} />}
      </Loaded>
    </Page>
  );
}

function Reference({ document }: { document: OpenApi }): ReactNode {
  const [part, setPart] = useState('');
  const wanted = part.trim().toLowerCase();
  const groups = groupsOf(document)
    .map(({ name, operations }) => ({
      name,
      operations: operations.filter(({ path, summary, method }) =>
        `${method} ${path} ${summary}`.toLowerCase().includes(wanted),
      ),
    }))
    .filter(({ operations }) => operations.length > 0);
  const count = groups.reduce((sum, { operations }) => sum + operations.length, 0);
  const { schemas } = document.components;
  return (
    <>
      <Card title="How to ask" aside={<span className="dim">{`OpenAPI, version ${document.info.version}`}</span>}>
        <p>
          JSON over HTTP. What is marked <strong>token</strong> needs the header{' '}
          <code className="mono">authorization: Bearer …</code>; the token stands in{' '}
          <code className="mono">keys/token.secret</code> of the data folder. Long lists answer{' '}
          <code className="mono">items</code>, <code className="mono">next</code> and{' '}
          <code className="mono">counts</code>: give <code className="mono">next</code> as{' '}
          <code className="mono">after</code> for the next page. Times are milliseconds since 1970, money is in minor
          units. For TypeScript there is <code className="mono">@trine/client</code>.
        </p>
        <details className="more">
          <summary>What an error answers</summary>
          <SchemaView schema={schemas.Problem ?? {}} schemas={schemas} />
        </details>
      </Card>
      <div className="row">
        <input
          className="search"
          type="search"
          aria-label="Find an operation"
          placeholder="Find an operation"
          value={part}
          onChange={({ target }) => setPart(target.value)}
        />
        <span className="dim num" role="status">
          {formatCounted(count, 'operation')}
        </span>
      </div>
      {groups.length === 0 && (
        <Card flush>
          <Empty icon="file" title="No operation of that name">
            Try a part of its path.
          </Empty>
        </Card>
      )}
      {groups.map(({ name, operations }) => (
        <Card key={name} title={name} flush>
          <ul className="operations">
            {operations.map((operation) => (
              <li key={`${operation.method} ${operation.path}`}>
                <OperationView operation={operation} schemas={schemas} />
              </li>
            ))}
          </ul>
        </Card>
      ))}
    </>
  );
}

type Schemas = Readonly<Record<string, Schema>>;

function OperationView({ operation, schemas }: { operation: Operation; schemas: Schemas }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { method, path, summary, needsToken } = operation;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="method mono" data-method={method}>
          {method}
        </span>
        <span className="path mono">{path}</span>
        {needsToken && <span className="needs">token</span>}
        <span className="about">{summary}</span>
      </summary>
      {isOpen && <Unfolded operation={operation} schemas={schemas} />}
    </details>
  );
}

function Unfolded({ operation, schemas }: { operation: Operation; schemas: Schemas }): ReactNode {
  const { parameters, body, answers, path } = operation;
  return (
    <div className="unfolded">
      {parameters.length > 0 && (
        <>
          <h3>Parameters</h3>
          <Members
            label={`Parameters of ${path}`}
            members={parameters.map(({ name, required, description, schema, in: place }) => ({
              name,
              schema: { ...schema, ...(description !== undefined && { description }) },
              isRequired: required === true,
              place,
            }))}
          />
        </>
      )}
      {body && (
        <>
          <h3>
            Takes <span className="dim">{body.type}</span>
          </h3>
          <SchemaView schema={body.schema} schemas={schemas} />
        </>
      )}
      {answers.map(({ status, type, schema }) => (
        <section key={status}>
          <h3>
            Answers {status} <span className="dim">{type}</span>
          </h3>
          {schema && <SchemaView schema={schema} schemas={schemas} />}
        </section>
      ))}
      <h3>Example</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <pre className="mono" tabIndex={0}>
        {curlOf(operation, window.location.origin)}
      </pre>
    </div>
  );
}

interface SchemaViewProps {
  readonly schema: Schema;
  readonly schemas: Schemas;
  /** Those that it stands under: none unfolds within itself. */
  readonly above?: readonly string[];
}

/** A schema with its members, and those it names to unfold below. */
function SchemaView({ schema, schemas, above = [] }: SchemaViewProps): ReactNode {
  const members = membersOf(schema);
  const named = namedIn(schema).filter((name) => !above.includes(name) && schemas[name] !== undefined);
  return (
    <>
      {schema.description && <p>{schema.description}</p>}
      {members.length > 0 ? <Members label="Members" members={members} /> : <p className="mono">{kindOf(schema)}</p>}
      {named.map((name) => (
        <Named key={name} name={name} schemas={schemas} above={[...above, name]} />
      ))}
    </>
  );
}

function Named({ name, schemas, above }: { name: string; schemas: Schemas; above: readonly string[] }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="named" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="mono">{name}</summary>
      {isOpen && <SchemaView schema={schemas[name] ?? {}} schemas={schemas} above={above} />}
    </details>
  );
}

interface MembersProps {
  readonly label: string;
  readonly members: readonly {
    readonly name: string;
    readonly schema: Schema;
    readonly isRequired: boolean;
    readonly place?: string;
  }[];
}

function Members({ label, members }: MembersProps): ReactNode {
  return (
    <table className="members" aria-label={label}>
      <tbody>
        {members.map(({ name, schema, isRequired, place }) => (
          <tr key={`${place} ${name}`}>
            <th scope="row" className="mono">
              {name}
              {!isRequired && <span className="dim"> ?</span>}
            </th>
            <td>
              <code className="mono">{kindOf(schema)}</code>
              {place === 'path' && <span className="dim"> in the path</span>}
              {schema.description && <p>{schema.description}</p>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
