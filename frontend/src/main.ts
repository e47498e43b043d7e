import '@fontsource-variable/inter/index.css';
import './ui/theme.css';

import { mount } from 'svelte';

import App from './ui/App.svelte';
import { followSettings } from './ui/ownSettings.svelte';
import { followTheme } from './ui/theme.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app".');
followTheme();
void followSettings().then(() => mount(App, { target }));
