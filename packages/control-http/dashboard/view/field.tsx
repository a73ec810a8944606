import type { ComponentChildren, VNode } from 'preact';

/** A field with its name, what helps to fill it in, and what is wrong with it. `children` is the control with this `id`. */
export function Field(props: {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly fault?: string | undefined;
  readonly children: ComponentChildren;
}): VNode {
  const { id, label, hint, fault, children } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <Fault id={id} fault={fault} />
    </div>
  );
}

export function Fault({
  id,
  fault,
}: {
  readonly id: string;
  readonly fault: string | undefined;
}): VNode | null {
  if (fault === undefined) return null;
  return (
    <p class="fault-text" id={`${id}-fault`} role="alert">
      {fault}
    </p>
  );
}

/** For the control: where what belongs to it is said. */
export function described(
  id: string,
  fault: string | undefined,
): { readonly 'aria-invalid': boolean; readonly 'aria-describedby': string } {
  return { 'aria-invalid': fault !== undefined, 'aria-describedby': `${id}-hint ${id}-fault` };
}

/** What is wrong is said at its field; that is where to go on. */
export function focusFirst(faults: ReadonlyMap<string, string>): void {
  const [id] = faults.keys();
  if (id !== undefined) document.getElementById(id)?.focus();
}
