import type { classes as english } from '../en/classes';
import type { Translated } from '../types';

export const classes: Translated<typeof english> = {
  female: '女性',
  male: '男性',
  unsure: '无法判断',
  occluded: '被遮挡',
  blurred: '模糊',
  profile: '侧脸',
  not_a_face: '不是人脸',
};
