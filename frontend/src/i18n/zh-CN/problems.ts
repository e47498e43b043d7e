import type { problems as english } from '../en/problems';
import type { Translated } from '../types';

export const problems: Translated<typeof english> = {
  unreachable: '无法连接服务器。不会丢失任何内容：页面保留你的工作并会重试。',
  unexplained: '服务器返回状态 {{status}}，没有说明。',
};
