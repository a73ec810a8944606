/** What of an OpenAPI document the page shows. */
interface Document {
  readonly info?: { readonly title?: string; readonly version?: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: unknown }[];
  readonly requestBody?: unknown;
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: unknown }>
  >;
}

/** The OpenAPI document as one page of HTML: no scripts, nothing to load, so that it is the same without internet. */
export function referencePage(document: object): string {
  const { info = {}, paths = {}, components = {} } = document as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const index = operations.map(
    ({ path, method, operation }) =>
      `<li><a href="#${anchor(method, path)}"><code>${method} ${escape(path)}</code></a> ${escape(operation.summary ?? '')}</li>`,
  );
  const schemas = Object.entries(components.schemas ?? {}).map(
    ([name, schema]) => `<section id="${escape(name)}"><h3>${escape(name)}</h3>${json(schema)}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(info.title ?? 'API')}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escape(info.title ?? 'API')} <small>${escape(info.version ?? '')}</small></h1>
<p>${escape(info.description ?? '')}</p></header>
<nav aria-label="Calls"><ul>${index.join('\n')}</ul></nav>
<main><h2>Calls</h2>
${operations.map(section).join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</main>
</body>
</html>
`;
}

/** What a browser may do with the page. */
export const REFERENCE_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

function section(call: { path: string; method: string; operation: Operation }): string {
  const { path, method, operation } = call;
  const parameters = (operation.parameters ?? []).map(
    (each) => `<li><code>${escape(each.name)}</code> in ${escape(each.in)} ${json(each.schema)}</li>`,
  );
  const answers = Object.entries(operation.responses ?? {}).map(
    ([status, { description, content }]) =>
      `<li><code>${escape(status)}</code> ${escape(description ?? '')}${content === undefined ? '' : json(content)}</li>`,
  );
  return `<section id="${anchor(method, path)}"><h3><code>${method} ${escape(path)}</code></h3>
<p><strong>${escape(operation.summary ?? '')}</strong> ${escape(operation.description ?? '')}</p>
${parameters.length === 0 ? '' : `<h4>Parameters</h4><ul>${parameters.join('')}</ul>`}
${operation.requestBody === undefined ? '' : `<h4>Body</h4>${json(operation.requestBody)}`}
<h4>Answers</h4><ul>${answers.join('')}</ul></section>`;
}

/** JSON with links from references to what they refer to. */
function json(value: unknown): string {
  if (value === undefined) return '';
  const text = escape(JSON.stringify(value, null, 2));
  const linked = text.replaceAll(
    /#\/components\/schemas\/(\w+)/g,
    (_match, name: string) => `<a href="#${name}">${name}</a>`,
  );
  return `<pre tabindex="0">${linked}</pre>`;
}

function anchor(method: string, path: string): string {
  return `${method}-${path.replaceAll(/\W+/g, '-')}`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
pre { overflow: auto; padding: .5rem; background: color-mix(in srgb, currentColor 8%, transparent); border-radius: .3rem; font-size: .85rem; max-height: 24rem; }
nav ul { list-style: none; padding: 0; }
section { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding-top: .5rem; }
`;
