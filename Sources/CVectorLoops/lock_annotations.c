#include "lock_annotations.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define VK_THREAD_SANITIZER 1
#endif
#endif

#ifdef VK_THREAD_SANITIZER
void __tsan_acquire(void *);
void __tsan_release(void *);
void vk_lock_acquired(void *lock) { __tsan_acquire(lock); }
void vk_lock_released(void *lock) { __tsan_release(lock); }
#else
void vk_lock_acquired(void *lock) { (void)lock; }
void vk_lock_released(void *lock) { (void)lock; }
#endif
