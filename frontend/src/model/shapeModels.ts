/** The shape model in force: the shipped one, or the dataset's own. */

import { shapeModelFrom, type ShapeModel, type ShapeModelFile } from './shapeModel';
import file from './shapeModelDefault.json';

let shipped: ShapeModel | null = null;

export function defaultShapeModel(): ShapeModel {
  shipped ??= shapeModelFrom(file);
  return shipped;
}

let own: ShapeModel | null = null;

/** From now on new faces move with this model; null: with the shipped one. Throws like shapeModelFrom. */
export function adoptShapeModel(model: ShapeModelFile | null): void {
  own = model && shapeModelFrom(model);
}

export function shapeModelInForce(): ShapeModel {
  return own ?? defaultShapeModel();
}
