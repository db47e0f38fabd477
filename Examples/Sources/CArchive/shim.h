#pragma once
#include <archive.h>
#include <archive_entry.h>

// Macros with casts do not import.
static const unsigned int regular_file_type = AE_IFREG;
static const unsigned int folder_type = AE_IFDIR;
