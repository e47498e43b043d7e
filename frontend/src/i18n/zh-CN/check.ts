import type { check as en } from '../en/check';
import type { Translated } from '../types';

export const check: Translated<typeof en> = {
  title: '相对预标注的改动',
  points_other: '{{count, number}} 个点',
  piece: '{{part}}，{{piece}}',
  jawLeft: '左侧',
  chin: '下巴',
  jawRight: '右侧',
  left: '左',
  right: '右',
  bridge: '鼻梁',
  nostrils: '鼻翼',
  cornerLeft: '左嘴角',
  cornerRight: '右嘴角',
  upper: '上唇',
  lower: '下唇',
  look: '查看这处改动',
  unchanged: '未改动：{{parts}}',
  nothing: '没有改动：各部分都和模型给出的一样。',
  units: '距离以人脸大小的比例表示。空心点和虚线是预标注。',
  none: '这张人脸没有预标注：框是人画的。',
  next: '下一处改动',
  whole: '整张脸',
  said: '{{title}}：{{text}}。第 {{n}} 处改动，共 {{all}} 处。',
  keyNext: '查看下一处改动',
  keyPrevious: '查看上一处改动',
};
