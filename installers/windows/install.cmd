@echo off
rem install [WHAT]: put keeplit on this PC for this person and start it at logon. WHAT is what pipx and uv take: the name
rem keeplit (the default), or a wheel. One that is there already is used as it is. The tasks are keeplit's own.
setlocal
set "PATH=%PATH%;%USERPROFILE%\.local\bin"
set "what=%~1"
set "with="
if not "%~2"=="" (
    echo usage: install [WHAT] 1>&2
    exit /b 2
)
where /q keeplit.exe
if errorlevel 1 if not defined what set "what=keeplit"
where /q uv.exe
if not errorlevel 1 set "with=uv tool install --force"
where /q pipx.exe
if not errorlevel 1 set "with=pipx install --force"
if defined what if not defined with (
    echo install: neither pipx nor uv is here. Do: py -m pip install --user pipx, then once more 1>&2
    exit /b 1
)
if defined what %with% "%what%"
if defined what if not %errorlevel%==0 exit /b 1
where /q keeplit.exe
if errorlevel 1 (
    echo install: keeplit is not on the PATH. Do: pipx ensurepath, then open a new window 1>&2
    exit /b 1
)
keeplit.exe autostart enable
