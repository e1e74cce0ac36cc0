// Domains that a member installed besides those of the release: files in the data folder, each approved by the member's
// signature over its hash. They run in the sandbox alone.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DomainData, InstalledDomain } from '@trine/engine';
import { beside } from '@trine/engine/sandbox/budget.ts';
import { type DomainFile, readDomainFile, sandboxedDomain } from '@trine/engine/sandbox/file.ts';
import { openSigner } from '@trine/node/access/keystore.ts';
import { canonicalJson, didKey, fromHex, parseDidKey, toHex, toUtf8, verifySignature } from '@trine/protocol';
import { CommandError } from './output.ts';

interface Approval {
  readonly trine: 'domain-approval/1';
  readonly name: string;
  /** Of the bundle, and of the whole file with its words; hex. */
  readonly hash: string;
  readonly approvedMs: number;
  /** did:key of the member, and its signature over {@link approvalBytes}; hex. */
  readonly member: string;
  readonly signature: string;
}

/** A file of the folder that cannot be used, and why. */
export interface NotUsable {
  readonly file: string;
  readonly why: string;
}

export interface ApprovedDomain {
  readonly file: DomainFile;
  readonly approvedMs: number;
}

const folderOf = (home: string) => join(home, 'domains');

/** QuickJS as it is published, from where it is installed. */
export function readQuickjs(): Uint8Array {
  return new Uint8Array(readFileSync(new URL(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'))));
}

function approvalBytes({ signature: _, ...approval }: Approval): Uint8Array {
  return toUtf8(`trine domain approval\n${canonicalJson(approval)}`);
}

/** Keeps a domain, approved by the member of this data folder. */
export async function keepDomain(home: string, json: string, approvedMs: number): Promise<DomainFile> {
  const file = readDomainFile(json);
  const signer = openSigner(join(home, 'keys'), 'member', 'Ed25519');
  const unsigned: Approval = {
    trine: 'domain-approval/1',
    name: file.identity.name,
    hash: file.hash,
    approvedMs,
    member: didKey(signer.publicKey),
    signature: '',
  };
  const approval = { ...unsigned, signature: toHex(await signer.sign(approvalBytes(unsigned))) };
  mkdirSync(folderOf(home), { recursive: true, mode: 0o700 });
  write(join(folderOf(home), `${file.hash}.json`), json);
  // Last: without it the file is none that is used.
  write(join(folderOf(home), `${file.hash}.approval.json`), `${JSON.stringify(approval)}\n`);
  return file;
}

function write(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The file of a domain that the member approved; undefined where there is none of this hash. */
export function approvedFile(home: string, hash: string): string | undefined {
  return existsSync(join(folderOf(home), `${hash}.approval.json`))
    ? readFileSync(join(folderOf(home), `${hash}.json`), 'utf8')
    : undefined;
}

/** Takes a domain out. @returns false where there is none of this hash */
export function dropDomain(home: string, hash: string): boolean {
  const path = join(folderOf(home), `${hash}.approval.json`);
  if (!existsSync(path)) return false;
  rmSync(path);
  rmSync(join(folderOf(home), `${hash}.json`), { force: true });
  return true;
}

/** What the member approved, the newest first; what is no such thing, with the reason. */
export function approvedDomains(home: string): { approved: ApprovedDomain[]; problems: NotUsable[] } {
  const approved: ApprovedDomain[] = [];
  const problems: NotUsable[] = [];
  const names = existsSync(folderOf(home)) ? readdirSync(folderOf(home)) : [];
  for (const name of names.filter((one) => /^[0-9a-f]{64}\.approval\.json$/.test(one)))
    try {
      approved.push(readApproved(home, name.slice(0, 64)));
    } catch (error) {
      problems.push({ file: join(folderOf(home), name), why: (error as Error).message });
    }
  return { approved: approved.sort((a, b) => b.approvedMs - a.approvedMs), problems };
}

/** Words and forms of what is installed; of each name the newest. None where the folder cannot be read. */
export function installedData(home: string): DomainData[] {
  const byName = new Map<string, DomainData>();
  for (const { file } of approvedDomains(home).approved)
    if (!byName.has(file.identity.name)) byName.set(file.identity.name, file.data);
  return [...byName.values()];
}

/** @throws Error in words where file, approval and member's key do not belong together */
function readApproved(home: string, hash: string): ApprovedDomain {
  const file = readDomainFile(readFileSync(join(folderOf(home), `${hash}.json`), 'utf8'));
  const approval = JSON.parse(readFileSync(join(folderOf(home), `${hash}.approval.json`), 'utf8')) as Approval;
  const member = didKey(openSigner(join(home, 'keys'), 'member', 'Ed25519').publicKey);
  if (file.hash !== hash || approval.hash !== hash || approval.name !== file.identity.name)
    throw new CommandError('The file is not the one that was approved.');
  const isSigned = verifySignature(parseDidKey(member), approvalBytes(approval), fromHex(approval.signature));
  if (approval.member !== member || !isSigned)
    throw new CommandError('It was not approved by the member of this folder.');
  return { file, approvedMs: approval.approvedMs };
}

/** Loads what the member approved, each into a sandbox of its own. */
export async function loadApproved(home: string): Promise<{ loaded: InstalledDomain[]; problems: NotUsable[] }> {
  const { approved, problems } = approvedDomains(home);
  const loaded: InstalledDomain[] = [];
  if (approved.length === 0) return { loaded, problems };
  const quickjs = readQuickjs();
  const budget = beside(() => performance.now());
  for (const { file } of approved)
    try {
      loaded.push(await sandboxedDomain(file, { quickjs, budget }));
    } catch (error) {
      problems.push({ file: `${file.identity.name} ${file.hash.slice(0, 12)}…`, why: (error as Error).message });
    }
  return { loaded, problems };
}
