import { api } from '../../api/client';
import type { ShapeModelFile } from '../../model/shapeModel';
import { adoptShapeModel } from '../../model/shapeModels';

/**
 * The dataset's own shape model, where it has one. Without it (none yet, no network, or one that this version of the
 * page cannot read) points move with the shipped model, which is as safe and a little less apt.
 */
export async function fetchShapeModel(dataset: number): Promise<void> {
  adoptShapeModel(null);
  try {
    adoptShapeModel((await api.get<ShapeModelFile | undefined>(`/datasets/${dataset}/shape-model`)) ?? null);
  } catch {
    adoptShapeModel(null);
  }
}
