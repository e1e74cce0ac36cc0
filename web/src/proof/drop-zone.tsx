import { type DragEvent, type ReactNode, useState } from 'react';
import { Icon } from '../ui/icons.tsx';

export interface DropZoneProps {
  readonly onFile: (file: File) => void;
  /** Why the last file was not taken. */
  readonly problem: string | undefined;
}

export function DropZone({ onFile, problem }: DropZoneProps): ReactNode {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    for (const file of event.dataTransfer.files) onFile(file);
  };
  return (
    <label
      className="drop"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="file" size={26} />
      <strong>Drop a proof file here, or choose one</strong>
      <span className="dim">
        A proof file (.trine), a network document (network.json) to check it against, or the file of a domain that
        decided
      </span>
      <input
        type="file"
        multiple
        className="sr-only"
        onChange={(event) => {
          for (const file of event.target.files ?? []) onFile(file);
          event.target.value = '';
        }}
      />
      {problem && (
        <span className="problem" role="alert">
          {problem}
        </span>
      )}
    </label>
  );
}
