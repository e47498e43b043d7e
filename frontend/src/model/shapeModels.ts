/** The shipped shape model, read once. */

import { shapeModelFrom, type ShapeModel } from './shapeModel';
import file from './shapeModelDefault.json';

let shipped: ShapeModel | null = null;

export function defaultShapeModel(): ShapeModel {
  shipped ??= shapeModelFrom(file);
  return shipped;
}
