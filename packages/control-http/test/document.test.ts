import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';

import { Api } from './support/api.ts';
import { documentOf, operationsOf } from './support/document.ts';
import { makeStatus } from './support/fake-service.ts';

test('the document is OpenAPI 3.1, and every call in it has an id, a summary and its problems', async () => {
  await using api = await Api.open({ onStop: () => undefined });
  const document = await documentOf(api);
  expect(document.openapi).toBe('3.1.0');
  const operations = operationsOf(document);
  expect(operations).toHaveLength(25);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(25);
  for (const { operationId, summary, responses } of operations) {
    expect(operationId).toMatch(/^[a-z]+[A-Z]\w+$/);
    expect(summary).toBeTruthy();
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '500']));
  }
});

test('every reference in the document leads to a schema, and the schemas can be compiled', async () => {
  await using api = await Api.open();
  const document = await documentOf(api);
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to!);
  expect(references.length).toBeGreaterThan(20);
  for (const to of references) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(to)?.[1];
    expect(Object.keys(document.components.schemas)).toContain(name);
  }
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'document', ...document });
  const validate = ajv.compile({ $ref: 'document#/components/schemas/PayloadStatus' });
  expect(validate(makeStatus('maps'))).toBe(true);
  expect(validate({ ...makeStatus('maps'), percent: 101 })).toBe(false);
});

test('the page shows every call and needs nothing from elsewhere', async () => {
  await using api = await Api.open();
  const { paths } = await documentOf(api);
  const answer = await api.call('GET', '/docs');
  expect(answer.headers['content-type']).toMatch(/^text\/html/);
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  for (const path of Object.keys(paths)) expect(answer.body).toContain(path);
  expect(answer.body).not.toMatch(/<script|src=|https?:\/\//);
});
