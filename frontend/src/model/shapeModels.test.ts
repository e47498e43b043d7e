import { afterEach, describe, expect, it } from 'vitest';

import file from './shapeModelDefault.json';
import { adoptShapeModel, defaultShapeModel, shapeModelInForce } from './shapeModels';

afterEach(() => {
  adoptShapeModel(null);
});

describe('the shape model in force', () => {
  it('it_is_the_shipped_one_until_the_dataset_gives_its_own', () => {
    expect(shapeModelInForce()).toBe(defaultShapeModel());
    adoptShapeModel({ ...file, faces: 412, source: 'accepted faces of release 3' });
    expect(shapeModelInForce().faces).toBe(412);
    adoptShapeModel(null);
    expect(shapeModelInForce()).toBe(defaultShapeModel());
  });

  it('it_stays_the_one_before_where_a_file_cannot_be_read', () => {
    expect(() => {
      adoptShapeModel({ ...file, format_version: 99 });
    }).toThrow('shape model');
    expect(shapeModelInForce()).toBe(defaultShapeModel());
  });
});
