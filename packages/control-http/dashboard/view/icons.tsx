import type { VNode } from 'preact';

/** Drawn on 16 × 16, for eyes only: whoever uses one says in words what it means. */
function Icon({ path }: { readonly path: string }): VNode {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

export const PauseIcon = (): VNode => <Icon path="M5.5 3.5v9M10.5 3.5v9" />;
export const PlayIcon = (): VNode => <Icon path="M5 3.2v9.6L12.6 8z" />;
export const CheckIcon = (): VNode => <Icon path="M3 8.5l3.2 3.2L13 4.8" />;
export const TrashIcon = (): VNode => (
  <Icon path="M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4" />
);
export const PlusIcon = (): VNode => <Icon path="M8 3v10M3 8h10" />;
export const CloseIcon = (): VNode => <Icon path="M4 4l8 8M12 4l-8 8" />;
export const AlertIcon = (): VNode => <Icon path="M8 2.5L14.2 13H1.8zM8 6.6v3M8 11.3v.1" />;
export const DownIcon = (): VNode => <Icon path="M8 3v9.5M4 8.8l4 3.9 4-3.9" />;
export const UpIcon = (): VNode => <Icon path="M8 13V3.5M4 7.2l4-3.9 4 3.9" />;
export const CopyIcon = (): VNode => <Icon path="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" />;
export const SearchIcon = (): VNode => <Icon path="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.8 10.8L14 14" />;
export const ThemeIcon = (): VNode => <Icon path="M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12" />;
export const BackIcon = (): VNode => <Icon path="M9.5 3.5L5 8l4.5 4.5" />;

/** The mark of the house: two waves. */
export function Mark(): VNode {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M6 13c3.3-3.6 6.7-3.6 10 0s6.7 3.6 10 0M6 21c3.3-3.6 6.7-3.6 10 0s6.7 3.6 10 0" />
    </svg>
  );
}
