@echo off
rem remove [--yes]: bring every file back to what it was before keeplit, start nothing at logon any more, and remove the
rem program with what installed it. Nothing is removed while a file could not be given back.
setlocal
set "PATH=%PATH%;%USERPROFILE%\.local\bin"
set "answer="
set "there="
set "with="
if not "%~1"=="" if not "%~1"=="--yes" (
    echo usage: remove [--yes] 1>&2
    exit /b 2
)
if "%~1"=="--yes" set "answer=y"
if not defined answer set /p "answer=Bring all files back to what they were before keeplit, and remove it? [y/N] "
if /i not "%answer%"=="y" if /i not "%answer%"=="yes" (
    echo Nothing was done. Where nobody can be asked: remove --yes 1>&2
    exit /b 1
)
where /q keeplit.exe
if not errorlevel 1 set "there=yes"
if defined there keeplit.exe uninstall --yes
if defined there if not %errorlevel%==0 exit /b 1
where /q uv.exe
if not errorlevel 1 (
    uv tool list 2>nul | findstr /b /c:"keeplit " >nul
    if not errorlevel 1 set "with=uv tool uninstall keeplit"
)
where /q pipx.exe
if not errorlevel 1 (
    pipx list --short 2>nul | findstr /b /c:"keeplit " >nul
    if not errorlevel 1 set "with=pipx uninstall keeplit"
)
if not defined with (
    where keeplit.exe 2>nul
    if not errorlevel 1 echo remove: now remove this program with what installed it 1>&2
    exit /b 0
)
%with%
if not %errorlevel%==0 exit /b 1
exit /b 0
