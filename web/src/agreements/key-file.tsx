// A party's key from its file.
import { type ChangeEvent, type ReactNode, useState } from 'react';
import { type OwnKey, readKey } from './own-key.ts';

/** The key of an account, from the file of its owner: it is read here and sent nowhere. */
export function KeyFile({ address, onKey }: { address: string; onKey: (key: OwnKey) => void }): ReactNode {
  const [problem, setProblem] = useState<string>();
  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const [file] = event.target.files ?? [];
    const key = file && readKey((await file.text()).slice(0, 200));
    if (key?.address === address) onKey(key);
    setProblem(
      key === undefined
        ? 'This file holds no key: 64 hex digits.'
        : key.address === address
          ? undefined
          : `This key is of ${key.address}: the one of ${address} is needed.`,
    );
  };
  return (
    <div className="fields">
      <label className="wide">
        <span>
          Key file of <span className="mono">{address.slice(0, 10)}…</span>
        </span>
        <input type="file" onChange={read} />
      </label>
      {problem && (
        <p className="dim small fields-end" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
