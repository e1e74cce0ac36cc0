// show: what the console draws for an agreement of this kind, as data.
export interface Panel {
  readonly title: string;
  readonly kind: 'timeline' | 'figure' | 'lines';
  /** Columns of the decisions view, or quantities of the subject. */
  readonly source: readonly string[];
}

export const panels: readonly Panel[] = [
  { title: 'Windows met and breached', kind: 'timeline', source: ['verdict', 'outcome'] },
  { title: 'Credits owed', kind: 'figure', source: ['amount'] },
  { title: 'What the computer says of itself', kind: 'lines', source: ['cpu/load', 'memory/used', 'disk/used'] },
];
