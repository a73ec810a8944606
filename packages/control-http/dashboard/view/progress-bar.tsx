import type { VNode } from 'preact';

/** How far something is. `label` names it for those who hear the page. */
export function ProgressBar(props: {
  readonly percent: number;
  readonly label: string;
  readonly tone: 'quiet' | 'busy' | 'good' | 'bad';
}): VNode {
  const { percent, label, tone } = props;
  return (
    <div
      class={`bar tone-${tone}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(percent * 10) / 10}
    >
      <div class="bar-done" style={{ transform: `scaleX(${percent / 100})` }} />
    </div>
  );
}
