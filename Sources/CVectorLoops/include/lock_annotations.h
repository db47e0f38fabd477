// What the thread sanitizer has to be told of locks that it does not know; nothing in other builds.
#pragma once

/// To be called with the lock held: what happened before its last release is visible now.
void vk_lock_acquired(void *lock);

/// To be called with the lock still held.
void vk_lock_released(void *lock);
