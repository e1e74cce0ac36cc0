import { cloneElement, isValidElement, type ReactElement, type ReactNode, useId } from 'react';

export interface FieldProps {
  readonly label: string;
  /** What it is for: stands below the control, which it describes to screen readers. */
  readonly help?: string | undefined;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A control with its name above it. */
export function Field({ label, help, wide = false, children }: FieldProps): ReactNode {
  const id = useId();
  const isDescribed = help !== undefined && isValidElement(children);
  const labelled = (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className={wide && help === undefined ? 'wide' : undefined}>
      <span>{label}</span>
      {isDescribed ? cloneElement(children as ReactElement<object>, { 'aria-describedby': id } as object) : children}
    </label>
  );
  if (help === undefined) return labelled;
  return (
    <div className={wide ? 'field wide' : 'field'}>
      {labelled}
      <small id={id}>{help}</small>
    </div>
  );
}
