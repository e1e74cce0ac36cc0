// Checks a proof file that someone has: nothing of a node is needed.
import { type ReactNode, useState } from 'react';
import { Page } from '../ui/page.tsx';
import { CheckedFile } from './checked-file.tsx';
import { DropZone } from './drop-zone.tsx';
import { pin, useNetworks } from './pinned.ts';
import { Trust } from './trust.tsx';
import { bringDomain, readNetwork } from './verifier.ts';

const BYTES_MAX = 67_108_864;

interface Chosen {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly name: string;
}

/** @param children what stands below */
export function VerifyPage({ children }: { children?: ReactNode }): ReactNode {
  const networks = useNetworks(false);
  const [chosen, setChosen] = useState<Chosen>();
  const [problem, setProblem] = useState<string>();
  const [domain, setDomain] = useState<string>();
  const take = async (file: File): Promise<void> => {
    setProblem(undefined);
    if (file.size > BYTES_MAX) return setProblem(`${file.name} is larger than a proof file can be.`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    // A network document is JSON; a proof file never begins with a brace.
    if (bytes[0] !== 0x7b) return setChosen({ bytes, name: file.name });
    const json = new TextDecoder().decode(bytes);
    if (/"trine"\s*:\s*"domain\//.test(json.slice(0, 200))) return takeDomain(json, file.name);
    try {
      await readNetwork(json);
      pin(json);
    } catch (error) {
      setProblem(`${file.name} is no network document. ${(error as Error).message}`);
    }
  };
  const takeDomain = async (json: string, name: string): Promise<void> => {
    try {
      setDomain(await bringDomain(json));
    } catch (error) {
      setProblem(`${name} is no file of a domain. ${(error as Error).message}`);
    }
  };
  return (
    <Page
      title="Check a proof file"
      about="It is read and checked in this browser and sent nowhere. Add the network document of whoever you trust to know that it is theirs."
    >
      <DropZone onFile={(file) => void take(file)} problem={problem} />
      {domain && (
        <p role="status">Decisions of “{domain}” are computed again with the file that you brought, in a sandbox.</p>
      )}
      <Trust networks={networks} />
      {chosen && <CheckedFile domain={domain} file={chosen.bytes} name={chosen.name} networks={networks} />}
      {children}
    </Page>
  );
}
