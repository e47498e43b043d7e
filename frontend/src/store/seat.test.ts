import { expect, it } from 'vitest';

import { Seat } from './seat';
import { ChannelLock } from './seatLock';

let names = 0;

/** Two tabs of a browser without Web Locks. */
function tabs(): { name: string; open: (me: string, finish?: () => Promise<void>) => Seat } {
  const name = `seat-${names++}`;
  return {
    name,
    open: (me, finish = () => Promise.resolve()) =>
      new Seat(name, finish, new ChannelLock(`${name}-lock`, me)),
  };
}

it('it_is_for_one_tab_at_a_time', async () => {
  const { open } = tabs();
  const [first, second] = [open('a'), open('b')];
  expect(await first.take()).toBe(true);
  expect(await second.take()).toBe(false);
  expect(second.state).toBe('elsewhere');
  first.leave();
  expect(await second.take()).toBe(true);
  second.leave();
});

it('it_goes_to_one_of_two_tabs_that_ask_at_once', async () => {
  const { open } = tabs();
  const both = [open('a'), open('b')];
  expect(await Promise.all(both.map((seat) => seat.take()))).toEqual([true, false]);
  for (const seat of both) seat.leave();
});

it('it_is_given_over_once_the_first_tab_has_written_everything', async () => {
  const { open } = tabs();
  const events: string[] = [];
  const first = open('a', async () => {
    await new Promise((done) => setTimeout(done, 50));
    events.push('written');
  });
  const second = open('b');
  await first.take();
  await second.takeOver();
  events.push('taken');
  expect(events).toEqual(['written', 'taken']);
  expect([first.state, second.state]).toEqual(['moved', 'held']);
  first.leave();
  second.leave();
});

it('it_is_taken_from_a_tab_that_does_not_answer', async () => {
  const { open } = tabs();
  const first = open('a', () => new Promise(() => undefined));
  const second = open('b');
  await first.take();
  await second.takeOver();
  expect([first.state, second.state]).toEqual(['moved', 'held']);
  first.leave();
  second.leave();
}, 10_000);
