import { afterEach, describe, expect, it } from 'vitest';

import { chooseLanguage, serverText } from '.';

describe('sentences of the server', () => {
  afterEach(() => chooseLanguage('en'));

  it('it_leaves_them_as_they_are_in_english', () => {
    expect(serverText('Nothing is waiting: everything that was handed out is done.')).toMatch(/^Nothing/);
  });

  it('it_finds_the_translation_with_what_was_filled_in', async () => {
    await chooseLanguage('zh-CN');
    expect(serverText('Too many wrong passwords. Try again in 7 min.')).toBe(
      '密码错误次数过多。请在 7 分钟后重试。',
    );
    expect(serverText("Your jaw points lie 3 % too low (of the face's size) on average.")).toMatch(
      /^你的下颌关键点平均3 %/,
    );
    const open = '12 items are open, but none for you now: you worked on them, passed them over, ';
    expect(
      serverText(`${open}or other people hold them or are to do them. Other people have to do the rest.`),
    ).toMatch(/^还有 12 项未完成/);
  });

  it('it_shows_what_it_does_not_know_as_the_server_said_it', async () => {
    await chooseLanguage('zh-CN');
    expect(serverText('The moon is full.')).toBe('The moon is full.');
  });
});
