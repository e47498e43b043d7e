import { describe, expect, it } from 'vitest';

import { fillPath, matchPath } from './paths';

describe('paths', () => {
  it('it_reads_parameters_from_a_fitting_path', () => {
    expect(matchPath('/d/:slug/faces/:id', '/d/street/faces/12/')).toEqual({ slug: 'street', id: '12' });
  });

  it('it_refuses_a_path_of_another_length_or_word', () => {
    expect(matchPath('/d/:slug', '/d/a/b')).toBeNull();
    expect(matchPath('/d/:slug/work', '/d/a/mine')).toBeNull();
  });

  it('it_refuses_broken_percent_encoding', () => {
    expect(matchPath('/d/:slug', '/d/%E0%A4%A')).toBeNull();
  });

  it('it_fills_and_encodes', () => {
    expect(fillPath('/d/:slug/faces/:id', { slug: 'a b', id: 3 })).toBe('/d/a%20b/faces/3');
    expect(() => fillPath('/d/:slug', {})).toThrow('slug');
  });
});
