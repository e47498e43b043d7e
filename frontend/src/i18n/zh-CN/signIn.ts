import type { signIn as english } from '../en/signIn';
import type { Translated } from '../types';

export const signIn: Translated<typeof english> = {
  again: '重新登录',
  ranOut: '登录已过期。下方页面会保留你的工作，不会丢失。选择“稍后”，一分钟后会再次询问。',
  userName: '用户名',
  password: '密码',
  signIn: '登录',
  notNow: '稍后',
};
