import type { view as english } from '../en/view';
import type { Translated } from '../types';

export const view: Translated<typeof english> = {
  tools: '照片的显示',
  zoomIn: '放大',
  zoomOut: '缩小',
  fit: '适合窗口',
  picture: '画面',
  pictureAdjusted: '画面：已调整',
  brightness: '亮度',
  contrast: '对比度',
  equalise: '均衡',
  reset: '原样',
  nothingToReset: '照片正按原样显示。',
  asItIs: '照片按原样显示',
  brightnessIs: '亮度 {{value}}',
  contrastIs: '对比度 {{value}}',
  equalised: '已均衡',
  context: '整张照片；方框是放大显示的部分',
  contextFailed: '无法加载整张照片。',
};
