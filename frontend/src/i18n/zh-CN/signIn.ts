import type { signIn as english } from '../en/signIn';
import type { Translated } from '../types';

export const signIn: Translated<typeof english> = {
  again: '重新登录',
  ranOut: '登录已过期。下方页面会保留你的工作，不会丢失。选择“稍后”，一分钟后会再次询问。',
  otherUser:
    '有人在此浏览器的另一个标签页中登录了。此页面属于{{name}}，不会以其他人的名义发送任何内容；尚未发送的工作会为{{name}}保留在此浏览器中。请重新登录以继续。',
  leaveIt: '离开此页面',
  userName: '用户名',
  password: '密码',
  signIn: '登录',
  notNow: '稍后',
};
