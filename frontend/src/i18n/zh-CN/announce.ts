import type { announce as english } from '../en/announce';
import type { Translated } from '../types';

export const announce: Translated<typeof english> = {
  annotate: '待标注的人脸 {{id}}。',
  check: '待核查的人脸 {{id}}。',
  adjudicate: '待裁定的人脸 {{id}}。',
  sweep: '待普查的照片 {{id}}。',
  empty: '没有等待您的工作。',
};
