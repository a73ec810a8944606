import { expect, it } from 'vitest';

import { Departures } from '../../src/policy/departures.ts';

it('Departures of pieces are counted, no further than 255', () => {
  const departures = new Departures(3);
  departures.count(1);
  for (let time = 0; time < 300; time += 1) departures.count(2);
  expect([0, 1, 2].map((piece) => departures.of(piece))).toEqual([0, 1, 255]);
});
