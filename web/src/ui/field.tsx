import type { ReactNode } from 'react';

export interface FieldProps {
  readonly label: string;
  /** What it is for, on hover and for screen readers. */
  readonly help?: string | undefined;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A control with its name above it. */
export function Field({ label, help, wide = false, children }: FieldProps): ReactNode {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className={wide ? 'wide' : undefined} title={help}>
      <span>{label}</span>
      {children}
    </label>
  );
}
