// Checks a proof file that someone has: nothing of a node is needed.
import { type ReactNode, useState } from 'react';
import { Page } from '../ui/page.tsx';
import { CheckedFile } from './checked-file.tsx';
import { DropZone } from './drop-zone.tsx';
import { pin, useNetworks } from './pinned.ts';
import { Trust } from './trust.tsx';
import { readNetwork } from './verifier.ts';

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
  const take = async (file: File): Promise<void> => {
    setProblem(undefined);
    if (file.size > BYTES_MAX) return setProblem(`${file.name} is larger than a proof file can be.`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    // A network document is JSON; a proof file never begins with a brace.
    if (bytes[0] !== 0x7b) return setChosen({ bytes, name: file.name });
    const json = new TextDecoder().decode(bytes);
    try {
      await readNetwork(json);
      pin(json);
    } catch (error) {
      setProblem(`${file.name} is no network document. ${(error as Error).message}`);
    }
  };
  return (
    <Page
      title="Check a proof file"
      about="It is read and checked in this browser and sent nowhere. Add the network document of whoever you trust to know that it is theirs."
    >
      <DropZone onFile={(file) => void take(file)} problem={problem} />
      <Trust networks={networks} />
      {chosen && <CheckedFile file={chosen.bytes} name={chosen.name} networks={networks} />}
      {children}
    </Page>
  );
}
